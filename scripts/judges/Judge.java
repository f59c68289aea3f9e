import eu.europa.esig.dss.crl.CRLBinary;
import eu.europa.esig.dss.crl.CRLUtils;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.enumerations.RevocationOrigin;
import eu.europa.esig.dss.model.*;
import eu.europa.esig.dss.model.x509.revocation.crl.CRL;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.RevocationSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.CRLToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.nio.file.*;
import java.util.*;

/**
 * EU DSS 6.3 as a judge: `java -cp 'LIBRARIES/*' Judge.java TASKS.tsv` (scripts/judge-signatures.ts writes the tasks: id, kind, signature, content, name of the content, signer, trusted certificates by
 * commas, list of revoked ones or `-`). Says of each, by tabs: its id; `valid` where value and references are intact, else `invalid` or `not-checked`; and format, indication, errors and warnings.
 */
class Judge {
  static CommonCertificateVerifier verifier(String trusted, String list) throws Exception {
    CommonTrustedCertificateSource source = new CommonTrustedCertificateSource();
    for (String file : trusted.split(",")) source.addCertificate(DSSUtils.loadCertificate(new File(file)));
    CommonCertificateVerifier verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(source);
    if (list.equals("-")) return verifier;
    byte[] bytes = Files.readAllBytes(Path.of(list));
    verifier.setCrlSource((RevocationSource<CRL>) (certificate, issuer) -> {
      try {
        CRLToken token = new CRLToken(certificate, CRLUtils.buildCRLValidity(new CRLBinary(bytes), issuer));
        token.setExternalOrigin(RevocationOrigin.EXTERNAL);
        return token;
      } catch (java.io.IOException e) { throw new DSSException(e); }
    });
    return verifier;
  }

  static String judge(String[] task) {
    try {
      SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(task[2]));
      validator.setCertificateVerifier(verifier(task[6], task[7]));
      if (!task[3].equals("-")) validator.setDetachedContents(List.of(new InMemoryDocument(Files.readAllBytes(Path.of(task[3])), task[4])));
      Reports reports = validator.validateDocument();
      SimpleReport report = reports.getSimpleReport();
      List<SignatureWrapper> found = reports.getDiagnosticData().getSignatures();
      if (found.size() != 1) return "not-checked\t" + found.size() + " signatures";
      SignatureWrapper signature = found.get(0);
      String id = signature.getId();
      boolean isWhole = signature.isSignatureIntact() && signature.getDigestMatchers().stream().allMatch(one -> one.isDataFound() && one.isDataIntact());
      List<String> words = new ArrayList<>(List.of(String.valueOf(report.getSignatureFormat(id)), String.valueOf(report.getIndication(id))));
      if (report.getSubIndication(id) != null) words.add(report.getSubIndication(id).toString());
      report.getAdESValidationErrors(id).forEach(one -> words.add("error: " + one.getValue()));
      report.getAdESValidationWarnings(id).forEach(one -> words.add("warning: " + one.getValue()));
      return (isWhole ? "valid" : "invalid") + "\t" + String.join(" · ", words);
    } catch (Throwable e) {
      return "not-checked\t" + (e.getClass().getSimpleName() + ": " + e.getMessage()).replaceAll("\\s+", " ");
    }
  }

  public static void main(String[] arguments) throws Exception {
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      String[] task = line.split("\t");
      System.out.println(task[0] + "\t" + judge(task));
    }
  }
}
