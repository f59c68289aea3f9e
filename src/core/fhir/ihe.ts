/** Where IHE's definitions stand, in one place. Their addresses changed from http to https once, so what was sent is told by their end. */
export const MHD = "https://profiles.ihe.net/ITI/MHD";
export const PDQM = "https://profiles.ihe.net/ITI/PDQm";
export const PIXM = "https://profiles.ihe.net/ITI/PIXm";
export const QEDM = "https://profiles.ihe.net/PCC/QEDm";
export const MXDE = "https://profiles.ihe.net/ITI/mXDE";

/** The code system by which a List is a SubmissionSet or a folder. */
export const LIST_TYPES = `${MHD}/CodeSystem/MHDlistTypes`;
/** An extension of MHD's. */
export const mhdExtension = (name: string): string => `${MHD}/StructureDefinition/${name}`;
/** A profile of MHD's. */
export const mhdProfile = (name: string): string => `${MHD}/StructureDefinition/IHE.MHD.${name}`;
