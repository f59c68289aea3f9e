import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import com.google.gson.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.commons.compress.archivers.tar.*;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.hl7.fhir.common.hapi.validation.support.*;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.PackageInformation;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.utilities.FhirPublication;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;
import org.hl7.fhir.validation.service.StandAloneValidatorFetcher;
import org.hl7.fhir.validation.service.model.InstanceValidatorParameters;

/**
 * HL7's validator and HAPI's as judges over profiles (`java -cp 'LIBRARIES/*' Judge.java hl7|hapi`): R4, offline, no terminology server. A line of JSON for each case: set (a name), archives and
 * definitions (paths; read when the set is another than the line before's), file, profiles (canonicals beside those that it declares), anyExtensions, ignored (code systems), rounds (how often more,
 * for its time). Answers a line: file, issues, ms (the last round), `thrown` where it could not judge.
 */
class Judge {
  interface Judging { List<JsonObject> judge(byte[] bytes, boolean isXml, List<String> profiles) throws Exception; }
  record Definition(String name, byte[] bytes, String from, String version) { }

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    boolean isHapi = arguments[0].equals("hapi");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Gson gson = new Gson();
    String set = null;
    Judging judging = null;
    for (String line; (line = in.readLine()) != null; ) {
      JsonObject asked = JsonParser.parseString(line).getAsJsonObject();
      JsonObject told = new JsonObject();
      told.add("file", asked.get("file"));
      JsonArray issues = new JsonArray();
      try {
        if (judging == null || !asked.get("set").getAsString().equals(set)) {
          judging = null;
          set = asked.get("set").getAsString();
          List<Definition> definitions = isHapi ? new ArrayList<>() : outsideCodes();
          definitions.addAll(definitions(asked));
          judging = isHapi ? hapi(definitions, asked) : hl7(definitions, asked);
        }
        String file = asked.get("file").getAsString();
        byte[] bytes = Files.readAllBytes(Path.of(file));
        int rounds = asked.has("rounds") ? asked.get("rounds").getAsInt() : 0;
        double least = Double.MAX_VALUE;
        List<Double> times = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
          long begun = System.nanoTime();
          List<JsonObject> said = judging.judge(bytes, file.endsWith(".xml"), strings(asked, "profiles"));
          times.add((System.nanoTime() - begun) / 1e6);
          if (round == rounds) said.forEach(issues::add);
        }
        if (rounds > 0) {
          told.addProperty("first", times.get(0));
          List<Double> warm = new ArrayList<>(times.subList(times.size() / 2, times.size()));
          Collections.sort(warm);
          told.addProperty("least", warm.get(0));
          told.addProperty("median", warm.get(warm.size() / 2));
        }
      } catch (Throwable thrown) {
        told.addProperty("thrown", thrown.toString());
        if (judging == null) set = null;
      }
      told.add("issues", issues);
      out.println(gson.toJson(told));
    }
  }

  private static List<String> strings(JsonObject of, String name) {
    List<String> all = new ArrayList<>();
    if (of.has(name)) of.getAsJsonArray(name).forEach(one -> all.add(one.getAsString()));
    return all;
  }

  private static boolean flag(JsonObject of, String name) { return of.has(name) && of.get(name).getAsBoolean(); }

  /** What a set defines: each resource that a profile or a code can need. */
  private static List<Definition> definitions(JsonObject asked) throws IOException {
    List<Definition> all = new ArrayList<>();
    for (String archive : strings(asked, "archives")) {
      List<Definition> here = new ArrayList<>();
      String name = archive, version = "0";
      try (TarArchiveInputStream tar = new TarArchiveInputStream(new GzipCompressorInputStream(new BufferedInputStream(new FileInputStream(archive)), true))) {
        for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
          String path = entry.getName().replaceFirst("^\\./", "");
          if (entry.isDirectory() || path.contains("/example") || path.contains("/.") || path.contains("/other/") || path.contains("/openapi/")) continue;
          byte[] bytes = tar.readAllBytes();
          if (path.endsWith("package.json")) {
            JsonObject manifest = JsonParser.parseString(text(bytes)).getAsJsonObject();
            name = manifest.get("name").getAsString();
            version = manifest.get("version").getAsString();
          } else if (isDefinition(path, bytes)) here.add(new Definition(path, bytes, null, null));
        }
      }
      for (Definition one : here) all.add(new Definition(one.name, one.bytes, name, version));
    }
    for (String file : strings(asked, "definitions")) all.add(new Definition(file, Files.readAllBytes(Path.of(file)), "cases", "1"));
    return all;
  }

  /**
   * Code systems that R4's value sets name whole and no package lists. HAPI's has currencies and media types itself; HL7's, without a terminology server, refuses each required code of them. Of
   * media types a fragment: what isn't in it is warned of.
   */
  private static List<Definition> outsideCodes() {
    List<Definition> all = new ArrayList<>();
    all.add(outsideCode("urn:iso:std:iso:4217", "complete", Currency.getAvailableCurrencies().stream().map(Currency::getCurrencyCode).sorted().toList()));
    all.add(outsideCode("urn:ietf:bcp:13", "complete", MEDIA_TYPES));
    return all;
  }

  private static final List<String> MEDIA_TYPES = List.of("application/dicom", "application/fhir+json", "application/fhir+xml", "application/hl7-cda+xml", "application/jose", "application/json",
    "application/msword", "application/octet-stream", "application/pdf", "application/pkcs7-mime", "application/pkcs7-signature", "application/rtf", "application/xml", "application/zip", "audio/mpeg",
    "image/gif", "image/jpeg", "image/png", "image/tiff", "text/css", "text/csv", "text/html", "text/plain", "text/rtf", "text/xml", "video/mp4");

  private static Definition outsideCode(String url, String content, List<String> codes) {
    JsonObject system = new JsonObject();
    system.addProperty("resourceType", "CodeSystem");
    system.addProperty("id", url.replace(':', '-'));
    system.addProperty("url", url);
    system.addProperty("status", "active");
    system.addProperty("caseSensitive", true);
    system.addProperty("content", content);
    JsonArray concepts = new JsonArray();
    for (String code : codes) {
      JsonObject concept = new JsonObject();
      concept.addProperty("code", code);
      concepts.add(concept);
    }
    system.add("concept", concepts);
    return new Definition(url + ".json", system.toString().getBytes(StandardCharsets.UTF_8), "outside", "1");
  }

  private static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static final List<String> KINDS = List.of("StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap", "Bundle");

  private static boolean isDefinition(String path, byte[] bytes) {
    if (path.endsWith(".xml")) {
      String head = text(Arrays.copyOf(bytes, Math.min(bytes.length, 3000)));
      return KINDS.stream().anyMatch(kind -> head.contains("<" + kind));
    }
    if (!path.endsWith(".json")) return false;
    try {
      JsonObject read = JsonParser.parseString(text(bytes)).getAsJsonObject();
      return read.has("resourceType") && KINDS.subList(0, 4).contains(read.get("resourceType").getAsString());
    } catch (RuntimeException unreadable) { return false; }
  }

  private static final Map<Boolean, ValidationEngine> BASES = new HashMap<>();

  private static Judging hl7(List<Definition> definitions, JsonObject asked) throws Exception {
    boolean anyExtensions = flag(asked, "anyExtensions");
    if (!BASES.containsKey(anyExtensions)) BASES.put(anyExtensions, new ValidationEngine.ValidationEngineBuilder().withVersion("4.0.1").withNoTerminologyServer().withCanRunWithoutTerminologyServer(true)
      .withTxServer(null, null, FhirPublication.R4, false).withDefaultInstanceValidatorParameters(new InstanceValidatorParameters().setAllowExampleUrls(true)
      .setExtensions(anyExtensions ? List.of("any") : List.of())).fromSource("hl7.fhir.r4.core#4.0.1"));
    ValidationEngine engine = new ValidationEngine(BASES.get(anyExtensions));
    engine.setDisplayWarnings(true);
    engine.setAssumeValidRestReferences(flag(asked, "assumeValidReferences"));
    StandAloneValidatorFetcher offline = new StandAloneValidatorFetcher(engine.getPcm(), engine.getContext(), engine) {
      @Override public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object context, String url) { return null; }
      @Override public boolean fetchesCanonicalResource(IResourceValidator validator, String url) { return false; }
      @Override public void findResource(Object validator, String url) { }
    };
    engine.setFetcher(offline);
    engine.getContext().setLocator(offline);
    engine.getContext().setAllowLoadingDuplicates(true);
    // What it said about codes it would say again of the next set, whose code systems may be others.
    engine.getContext().getTxCache().clear();
    engine.setPolicyAdvisor(new BasePolicyAdvisorForFullValidation(ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS, new HashSet<>()));
    Map<String, PackageInformation> packages = new HashMap<>();
    for (Definition one : definitions) {
      try {
        org.hl7.fhir.r5.model.Resource read = engine.getIgLoader().loadResourceByVersion("4.0.1", one.bytes, one.name);
        PackageInformation from = packages.computeIfAbsent(one.from, name -> new PackageInformation(name, one.version, "4.0.1", new Date(0)));
        List<org.hl7.fhir.r5.model.Resource> all = new ArrayList<>();
        if (read instanceof org.hl7.fhir.r5.model.Bundle bundle) bundle.getEntry().forEach(entry -> all.add(entry.getResource()));
        else all.add(read);
        for (org.hl7.fhir.r5.model.Resource each : all) engine.getContext().cacheResourceFromPackage(each, from);
      } catch (Throwable unreadable) { System.err.println(one.name + ": " + unreadable); }
    }
    return (bytes, isXml, profiles) -> {
      List<ValidationMessage> messages = new ArrayList<>();
      engine.validate(bytes, isXml ? FhirFormat.XML : FhirFormat.JSON, profiles, messages);
      List<JsonObject> issues = new ArrayList<>();
      for (ValidationMessage message : messages) issues.add(issue(message.getLevel().toCode(), message.getLocation(), message.getMessageId(), message.getMessage()));
      return issues;
    };
  }

  private static final FhirContext R4 = FhirContext.forR4();
  private static final IValidationSupport CORE = new DefaultProfileValidationSupport(R4);

  private static Judging hapi(List<Definition> definitions, JsonObject asked) {
    PrePopulatedValidationSupport held = new PrePopulatedValidationSupport(R4);
    for (Definition one : definitions) {
      try {
        org.hl7.fhir.instance.model.api.IBaseResource read = (one.name.endsWith(".xml") ? R4.newXmlParser() : R4.newJsonParser()).parseResource(text(one.bytes));
        if (read instanceof org.hl7.fhir.r4.model.Bundle bundle) bundle.getEntry().forEach(entry -> held.addResource(entry.getResource()));
        else held.addResource(read);
      } catch (Throwable unreadable) { System.err.println(one.name + ": " + unreadable); }
    }
    UnknownCodeSystemWarningValidationSupport unknown = new UnknownCodeSystemWarningValidationSupport(R4);
    unknown.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
    ValidationSupportChain chain = new ValidationSupportChain(held, CORE, new CommonCodeSystemsTerminologyService(R4), new InMemoryTerminologyServerValidationSupport(R4),
      new SnapshotGeneratingValidationSupport(R4), unknown);
    FhirInstanceValidator module = new FhirInstanceValidator(chain);
    module.setAnyExtensionsAllowed(flag(asked, "anyExtensions"));
    module.setNoTerminologyChecks(false);
    module.setErrorForUnknownProfiles(false);
    module.setAssumeValidRestReferences(flag(asked, "assumeValidReferences"));
    FhirValidator validator = R4.newValidator().registerValidatorModule(module);
    return (bytes, isXml, profiles) -> {
      ValidationOptions options = new ValidationOptions();
      profiles.forEach(options::addProfile);
      List<JsonObject> issues = new ArrayList<>();
      for (SingleValidationMessage message : validator.validateWithResult(text(bytes), options).getMessages())
        issues.add(issue(message.getSeverity().getCode(), message.getLocationString(), message.getMessageId(), message.getMessage()));
      return issues;
    };
  }

  private static JsonObject issue(String severity, String at, String id, String text) {
    JsonObject issue = new JsonObject();
    issue.addProperty("severity", severity);
    issue.addProperty("at", at);
    issue.addProperty("id", id);
    issue.addProperty("text", text);
    return issue;
  }
}
