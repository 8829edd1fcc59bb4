/** Matrices and vectors from files, and result files. */
module org.levinv.files {
  requires transitive org.levinv.core;
  requires com.fasterxml.jackson.core;
  requires de.siegmar.fastcsv;
  requires io.jhdf;

  exports org.levinv.files;
}
