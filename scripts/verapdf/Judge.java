import java.io.FileInputStream;
import java.util.EnumSet;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Has veraPDF judge files by PDF/A-3a and PDF/UA-1: one line a file and standard, then one for each rule that it breaks. Exit code 1 when one breaks any. */
class Judge {
  public static void main(String[] files) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    boolean isGood = true;
    for (String file : files) {
      for (PDFAFlavour flavour : new PDFAFlavour[] {PDFAFlavour.PDFA_3_A, PDFAFlavour.PDFUA_1}) {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour);
            PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, 100_000, false, false, false)) {
          ValidationResult result = validator.validate(parser);
          System.out.println((result.isCompliant() ? "pass " : "FAIL ") + flavour + " " + file);
          isGood &= result.isCompliant();
          Map<String, Integer> counts = new TreeMap<>();
          for (TestAssertion found : result.getTestAssertions()) {
            if (found.getStatus() != TestAssertion.Status.FAILED) continue;
            String rule = found.getRuleId().getClause() + "-" + found.getRuleId().getTestNumber() + " " + found.getMessage();
            counts.merge(rule.replaceAll("\\s+", " "), 1, Integer::sum);
          }
          counts.forEach((rule, count) -> System.out.println("  " + count + "x " + rule));
        } catch (Exception fault) {
          System.out.println("FAIL " + flavour + " " + file + "\n  1x " + fault);
          isGood = false;
        }
      }
    }
    System.exit(isGood ? 0 : 1);
  }
}
