import com.google.gson.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.utilities.FhirPublication;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;
import org.hl7.fhir.validation.service.StandAloneValidatorFetcher;
import org.hl7.fhir.validation.service.model.InstanceValidatorParameters;

/**
 * HL7's validator as a judge (`java -cp 'LIBRARIES/*' Judge.java`, or compiled): base R4, offline, without a terminology server, extensions of anybody allowed and wrong displays a warning, as its
 * command line can be told. Reads a path a line, writes a line of JSON for each: file, issues (severity, at, id, text), and `thrown` where it could not judge. The first line says that it is ready.
 */
class Judge {
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    ValidationEngine engine = new ValidationEngine.ValidationEngineBuilder().withVersion("4.0.1").withNoTerminologyServer().withCanRunWithoutTerminologyServer(true)
      .withTxServer(null, null, FhirPublication.R4, false).withDefaultInstanceValidatorParameters(new InstanceValidatorParameters().setAllowExampleUrls(true).setExtensions(List.of("any"))).fromSource("hl7.fhir.r4.core#4.0.1");
    engine.setDisplayWarnings(true);
    StandAloneValidatorFetcher offline = new StandAloneValidatorFetcher(engine.getPcm(), engine.getContext(), engine) {
      @Override public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object context, String url) { return null; }
      @Override public boolean fetchesCanonicalResource(IResourceValidator validator, String url) { return false; }
      @Override public void findResource(Object validator, String url) { }
    };
    engine.setFetcher(offline);
    engine.getContext().setLocator(offline);
    engine.setPolicyAdvisor(new BasePolicyAdvisorForFullValidation(ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS, new HashSet<>()));
    out.println("{\"ready\":true}");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Gson gson = new Gson();
    for (String file; (file = in.readLine()) != null; ) out.println(gson.toJson(judged(engine, file)));
  }

  private static JsonObject judged(ValidationEngine engine, String file) {
    JsonObject told = new JsonObject();
    told.addProperty("file", file);
    List<ValidationMessage> messages = new ArrayList<>();
    try {
      engine.validate(Files.readAllBytes(Path.of(file)), file.endsWith(".xml") ? FhirFormat.XML : FhirFormat.JSON, new ArrayList<>(), messages);
    } catch (Throwable thrown) {
      told.addProperty("thrown", thrown.toString());
    }
    JsonArray issues = new JsonArray();
    for (ValidationMessage message : messages) {
      JsonObject issue = new JsonObject();
      issue.addProperty("severity", message.getLevel().toCode());
      issue.addProperty("at", message.getLocation());
      issue.addProperty("id", message.getMessageId());
      issue.addProperty("text", message.getMessage());
      issues.add(issue);
    }
    told.add("issues", issues);
    return told;
  }
}
