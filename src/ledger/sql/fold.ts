/**
 * Text as it is compared in a search: letters without case and without marks, so that `STRASSE` finds `Straße` and
 * `istanbul` finds `İstanbul`.
 */
export const fold = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().toLowerCase();
