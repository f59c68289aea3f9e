/** R4 xml.html: FHIR's elements, and the narrative's. */
export const FHIR_NAMESPACE = "http://hl7.org/fhir";
export const XHTML_NAMESPACE = "http://www.w3.org/1999/xhtml";
