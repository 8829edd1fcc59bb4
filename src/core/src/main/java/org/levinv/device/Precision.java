package org.levinv.device;

/** Of the products over many rows; everything else is in double precision. */
public enum Precision {
  DOUBLE,

  /** For inner steps that later ones correct; see {@link SinglePrecision}. */
  SINGLE
}
