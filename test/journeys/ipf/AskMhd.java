import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.SearchStyleEnum;
import ca.uhn.fhir.rest.gclient.ICriterion;
import ca.uhn.fhir.rest.gclient.TokenClientParam;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.camel.impl.DefaultCamelContext;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.DocumentReference;
import org.hl7.fhir.r4.model.ListResource;
import org.openehealth.ipf.commons.audit.DefaultAuditContext;

/**
 * Drives a Document Recipient and Responder with IPF's client of IHE MHD (test/journeys/ipf-mhd.test.ts). Arguments: host:port/path of the FHIR interface, the folder of what is sent (provide-*.json of ITI-65,
 * published.json of ITI-105), system and value of the patient. One line a call: its name, a tab, OK or FAIL, a tab, what it read in JSON, or the reason.
 */
public class AskMhd {
  private static final FhirContext FHIR = FhirContext.forR4();

  public static void main(String[] arguments) throws Exception {
    String address = arguments[0];
    Path folder = Path.of(arguments[1]);
    DefaultAuditContext audit = new DefaultAuditContext();
    audit.setAuditEnabled(false);
    DefaultCamelContext context = new DefaultCamelContext();
    context.getRegistry().bind("auditContext", audit);
    context.getRegistry().bind("fhirContext", FHIR);
    context.start();
    var producer = context.createProducerTemplate();
    String options = address + "?auditContext=#auditContext&fhirContext=#fhirContext";
    for (String name : new String[] {"provide-bundle", "provide-binary"}) {
      Bundle sent = FHIR.newJsonParser().parseResource(Bundle.class, Files.readString(folder.resolve(name + ".json")));
      tell(name, () -> producer.requestBody("mhd-iti65:" + options, sent, Bundle.class));
    }
    DocumentReference published =
        FHIR.newJsonParser().parseResource(DocumentReference.class, Files.readString(folder.resolve("published.json")));
    tell("publish", () -> producer.requestBody("mhd-iti105:" + options, published));
    ICriterion<?>[] patient = {
      new TokenClientParam("patient.identifier").exactly().systemAndCode(arguments[2], arguments[3]),
      new TokenClientParam("status").exactly().code("current")
    };
    tell("references", () -> producer.requestBody("mhd-iti67:" + options, patient, Bundle.class));
    // IPF's own asks DocumentManifest, as MHD 3 did.
    tell("manifests", () -> producer.requestBody("mhd-iti66:" + options, patient, Bundle.class));
    for (EncodingEnum form : new EncodingEnum[] {EncodingEnum.JSON, EncodingEnum.XML}) {
      var client = FHIR.newRestfulGenericClient("http://" + address);
      client.setEncoding(form);
      for (SearchStyleEnum style : new SearchStyleEnum[] {SearchStyleEnum.GET, SearchStyleEnum.POST}) {
        tell(
            "lists " + form + " " + style,
            () ->
                client
                    .search()
                    .forResource(ListResource.class)
                    .where(patient[0])
                    .and(patient[1])
                    .and(new TokenClientParam("code").exactly().code("submissionset"))
                    .usingStyle(style)
                    .returnBundle(Bundle.class)
                    .execute());
      }
    }
    context.stop();
    System.exit(0);
  }

  private static void tell(String name, Callable<Object> call) {
    try {
      Object answer = call.call();
      Object read = answer instanceof MethodOutcome outcome ? outcome.getResource() : answer;
      System.out.println(name + "\tOK\t" + FHIR.newJsonParser().encodeResourceToString((IBaseResource) read));
    } catch (Throwable failure) {
      Throwable root = failure;
      while (root.getCause() != null) root = root.getCause();
      System.out.println(name + "\tFAIL\t" + root.getClass().getName() + ": " + root.getMessage());
    }
  }
}
