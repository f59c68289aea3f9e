/**
 * Which texts are codes of UCUM (Unified Code for Units of Measure, ucum.org; section 2, grammar; section 4, tables of units). The symbols are UCUM's: © 1999-2024 Regenstrief Institute, used
 * under its licence, which lets anybody use them and forbids to change what they mean. How large a unit is, as far as that is asked, says fhirpath/ucum.ts.
 */
import { readUcum, type UcumParts } from "./ucum-grammar.ts";

/** Prefixes stand before these (UCUM: "metric"). */
const METRIC =
  "m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc [c] [h] [k] [eps_0] [mu_0] [e] [m_e] [m_p] [G] [g] [ly] gf Ky Gal dyn erg P Bi St Mx G Oe Gb sb Lmb ph Ci R RAD REM cal_[15] cal_[20] cal_m cal_IT cal_th cal tex m[H2O] m[Hg] eq osm g% kat U [iU] [IU] Np B B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW] st mho bit By Bd";

const NOT_METRIC =
  "10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr] deg gon ' '' min h d a_t a_j a_g a wk mo_s mo_j mo_g mo AU atm [lbf_av] Ao b att [psi] circ sph [car_m] [car_Au] [smoot] [m/s2/Hz^(1/2)] bit_s " +
  "[in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i] [cin_i] [cft_i] [cyd_i] [bf_i] [cr_i] [mil_i] [cml_i] [hd_i] " +
  "[ft_us] [yd_us] [in_us] [rd_us] [ch_us] [lk_us] [rch_us] [rlk_us] [fth_us] [fur_us] [mi_us] [acr_us] [srd_us] [smi_us] [sct] [twp] [mil_us] " +
  "[in_br] [ft_br] [rd_br] [ch_br] [lk_br] [fth_br] [pc_br] [yd_br] [mi_br] [nmi_br] [kn_br] [acr_br] " +
  "[gal_us] [bbl_us] [qt_us] [pt_us] [gil_us] [foz_us] [fdr_us] [min_us] [crd_us] [bu_us] [gal_wi] [pk_us] [dqt_us] [dpt_us] [tbs_us] [tsp_us] [cup_us] [foz_m] [cup_m] [tsp_m] [tbs_m] " +
  "[gal_br] [pk_br] [bu_br] [qt_br] [pt_br] [gil_br] [foz_br] [fdr_br] [min_br] " +
  "[gr] [lb_av] [oz_av] [dr_av] [scwt_av] [lcwt_av] [ston_av] [lton_av] [stone_av] [pwt_tr] [oz_tr] [lb_tr] [sc_ap] [dr_ap] [oz_ap] [lb_ap] [oz_m] " +
  "[lne] [pnt] [pca] [pnt_pr] [pca_pr] [pied] [pouce] [ligne] [didot] [cicero] [degF] [degR] [degRe] [Cal] [Btu_39] [Btu_59] [Btu_60] [Btu_m] [Btu_IT] [Btu_th] [Btu] [HP] [den] " +
  "[in_i'H2O] [in_i'Hg] [PRU] [wood'U] [diop] [p'diop] %[slope] [mesh_i] [Ch] [drp] [hnsf'U] [MET] [hp'_X] [hp'_C] [hp'_M] [hp'_Q] [hp_X] [hp_C] [hp_M] [hp_Q] [kp_X] [kp_C] [kp_M] [kp_Q] " +
  "[pH] [S] [HPF] [LPF] [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U] [ka'U] [knk'U] [mclg'U] [tb'U] [CCID_50] [TCID_50] [EID_50] [PFU] " +
  "[FFU] [CFU] [IR] [BAU] [AU] [Amb'a'1'U] [PNU] [Lf] [D'ag'U] [FEU] [ELU] [EU] [NTU] [FNU]";

const PREFIXES: ReadonlySet<string> = new Set("Q R Y Z E P T G M k h da d c m u n p f a z y r q Ki Mi Gi Ti".split(" "));
const METRIC_UNITS: ReadonlySet<string> = new Set(METRIC.split(" "));
const UNITS: ReadonlySet<string> = new Set([...METRIC_UNITS, ...NOT_METRIC.split(" ")]);

/** What senders write for a unit that UCUM calls otherwise. `{…}` counts what is named. */
const MEANT: Readonly<Record<string, string>> = {
  mcg: "ug",
  µg: "ug",
  μg: "ug",
  gm: "g",
  cc: "mL",
  iu: "[iU]",
  ui: "[iU]",
  ie: "[iU]",
  miu: "m[iU]",
  unit: "U or [iU]",
  units: "U or [iU]",
  mmhg: "mm[Hg]",
  cmh2o: "cm[H2O]",
  bpm: "/min",
  lb: "[lb_av]",
  lbs: "[lb_av]",
  oz: "[oz_av]",
  in: "[in_i]",
  ft: "[ft_i]",
  "°c": "Cel",
  "°f": "[degF]",
  f: "[degF]",
  sec: "s",
  hr: "h",
  hour: "h",
  hours: "h",
  day: "d",
  days: "d",
  week: "wk",
  weeks: "wk",
  month: "mo",
  months: "mo",
  year: "a",
  years: "a",
  yr: "a",
  drop: "[drp]",
  drops: "[drp]",
  gtt: "[drp]",
  tab: "{tablet}",
  tbl: "{tablet}",
  tablet: "{tablet}",
  tablets: "{tablet}",
  cap: "{capsule}",
  capsule: "{capsule}",
  puff: "{puff}",
  tsp: "[tsp_us]",
  tbsp: "[tbs_us]",
  percent: "%",
  ea: "{each}",
  each: "{each}",
};

/** The code of UCUM that is meant by a text which is none; undefined when that is not known. */
export function meantUnit(text: string): string | undefined {
  const key = text.toLowerCase();
  if (Object.hasOwn(MEANT, key)) return MEANT[key];
  // Mega is no milli.
  if (/M(?:[a-z]|U(?![A-Za-z]))/.test(text)) return undefined;
  const meant = key.replace(LONE_U, "$1U");
  return [...meant.matchAll(LETTERS)].every(([symbol]) => CERTAIN.has(symbol)) && isUcumCode(meant) ? meant : undefined;
}

/** The unit U, after `k`, `m` or `u` or none: in lower case it would be the mass of an atom. Never what stands in brackets or braces. */
const LONE_U = /((?:^|[/.\d])[kmu]?)u(?=$|[/.\d])/g;
const LETTERS = /[A-Za-z]+/g;
/** Symbols of which capitals leave no doubt: what else a text in lower case is (`ph`: a phot, not [pH]; `cal`, `pc`, `st`), nobody may have meant. */
const CERTAIN: ReadonlySet<string> = new Set("g kg mg ug ng cm s min h mol mmol umol meq kat l dl ml ul U kU mU uU".split(" "));

/** Whether a text is a code of UCUM, by its grammar and its units. Costs no more than its length. */
export function isUcumCode(text: string): boolean {
  return readUcum(text, KNOWN) === true;
}

const KNOWN: UcumParts<true> = {
  symbol: (symbol) => (unitIn(symbol) === undefined ? undefined : true),
  number: () => true,
  one: true,
  joined: () => true,
};

/** The unit that a symbol is, and the prefix before it, which is empty where there is none; undefined when it is no unit of UCUM. */
export function unitIn(symbol: string): { readonly prefix: string; readonly unit: string } | undefined {
  if (UNITS.has(symbol)) return { prefix: "", unit: symbol };
  const length = [1, 2].find((each) => PREFIXES.has(symbol.slice(0, each)) && METRIC_UNITS.has(symbol.slice(each)));
  return length === undefined ? undefined : { prefix: symbol.slice(0, length), unit: symbol.slice(length) };
}
