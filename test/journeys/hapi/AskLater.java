import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.api.ServerValidationModeEnum;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Composition;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.Parameters;

/** Asks the service at the address that it is given, later and at once, in JSON and in XML, and prints a line for each question: name, tab, what came. */
public class AskLater {
  public static void main(String[] args) {
    FhirContext fhir = FhirContext.forR4();
    fhir.getRestfulClientFactory().setServerValidationMode(ServerValidationModeEnum.NEVER);
    // Without what waits.
    IGenericClient plain = fhir.newRestfulGenericClient(args[0]);
    tell("begin", () -> {
      MethodOutcome begun = plain.operation().onServer().named("$export").withNoParameters(Parameters.class).useHttpGet()
          .withAdditionalHeader("Prefer", "respond-async").returnMethodOutcome().execute();
      return begun.getResponseStatusCode() + " " + begun.getFirstResponseHeader("content-location").orElse("nowhere");
    });
    tell("search without it", () -> search(plain).getType());
    for (EncodingEnum form : new EncodingEnum[] { EncodingEnum.JSON, EncodingEnum.XML }) {
      IGenericClient client = fhir.newRestfulGenericClient(args[0]);
      client.setEncoding(form);
      Bundle atOnce = client.search().forResource(Composition.class).returnBundle(Bundle.class).execute();
      client.registerInterceptor(new AnsweredLater(Duration.ofMinutes(2)));
      tell(form + " search", () -> {
        Bundle found = search(client);
        boolean isSame = found.getEntryFirstRep().getResource().equalsDeep(atOnce.getEntryFirstRep().getResource());
        return found.getType() + " " + found.getEntry().size() + " " + isSame;
      });
      tell(form + " operation", () -> client.operation().onServer().named("$versions").withNoParameters(Parameters.class)
          .withAdditionalHeader("Prefer", "respond-async").execute().getParameter().size() > 0);
      tell(form + " batch", () -> {
        Bundle batch = new Bundle().setType(Bundle.BundleType.BATCH);
        batch.addEntry().getRequest().setMethod(Bundle.HTTPVerb.GET).setUrl("Composition");
        return client.transaction().withBundle(batch).withAdditionalHeader("Prefer", "respond-async").execute().getEntryFirstRep().getResponse().getStatus();
      });
      tell(form + " refused", () -> {
        try {
          return client.operation().onInstance("Patient/nobody").named("$everything").withNoParameters(Parameters.class).useHttpGet()
              .returnResourceType(Bundle.class).withAdditionalHeader("Prefer", "respond-async").execute();
        } catch (ResourceNotFoundException refused) {
          return ((OperationOutcome) refused.getOperationOutcome()).getIssueFirstRep().getSeverity();
        }
      });
    }
  }

  private static Bundle search(IGenericClient client) {
    return client.search().forResource(Composition.class).withAdditionalHeader("Prefer", "respond-async").returnBundle(Bundle.class).execute();
  }

  private static void tell(String name, Callable<Object> question) {
    try {
      System.out.println(name + "\t" + question.call());
    } catch (Exception thrown) {
      System.out.println(name + "\tthrows " + thrown.getMessage().replaceAll("\\s+", " "));
    }
  }
}
