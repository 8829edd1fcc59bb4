package org.levinv.files;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Files of other programs, each with the line that makes one of ours out of it. */
final class OtherFormats {
  private static final Map<String, Other> KNOWN =
      Map.ofEntries(
          python(
              ".mat",
              "MATLAB",
              "import numpy, scipy.io; numpy.save('NAME.npy', scipy.io.loadmat('FILE')['A'])"),
          python(
              ".pt",
              "PyTorch",
              "import numpy, torch; numpy.save('NAME.npy', torch.load('FILE').numpy())"),
          pandas(".parquet", "Apache Parquet", "parquet"),
          pandas(".feather", "Apache Arrow", "feather"),
          pandas(".xlsx", "Excel", "excel"),
          pandas(".xls", "Excel", "excel"),
          pandas(".ods", "OpenDocument", "excel"),
          pandas(".pkl", "Python's pickle", "pickle"),
          pandas(".pickle", "Python's pickle", "pickle"),
          pandas(".dta", "Stata", "stata"),
          pandas(".sav", "SPSS", "spss"),
          pandas(".sas7bdat", "SAS", "sas"),
          pandas(".json", "JSON", "json"),
          r(".rds", "write.csv(readRDS('FILE'), 'NAME.csv', row.names=FALSE)"),
          r(".rdata", "load('FILE'); write.csv(A, 'NAME.csv', row.names=FALSE)"),
          r(".rda", "load('FILE'); write.csv(A, 'NAME.csv', row.names=FALSE)"),
          Map.entry(".zip", new Other("a zip archive", "unzip 'FILE'")),
          Map.entry(".xz", new Other("xz", "xz -dk 'FILE'")),
          Map.entry(".bz2", new Other("bzip2", "bzip2 -dk 'FILE'")),
          Map.entry(".zst", new Other("Zstandard", "zstd -dk 'FILE'")),
          Map.entry(".gz", new Other("gzip", "gzip -dk 'FILE'")));

  /**
   * What another program writes.
   *
   * @param program whose files these are
   * @param line that converts one, for a shell: FILE is the file, NAME its name without the suffix
   */
  private record Other(String program, String line) {}

  private OtherFormats() {}

  /** What was expected of a file that has no known name, and how to get there. */
  static String advice(Path file) {
    String expected =
        "expected a name that ends in .npy, .npz:NAME, .csv, .tsv, .txt, .mtx or .h5:/PATH";
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    Other known = KNOWN.get(dot < 0 ? "" : name.substring(dot).toLowerCase(Locale.ROOT));
    if (known == null) {
      return expected;
    }
    String line =
        known.line().replace("NAME", name.substring(0, dot)).replace("FILE", file.toString());
    return expected + "; this one is " + known.program() + ": " + line;
  }

  private static Map.Entry<String, Other> python(String suffix, String program, String code) {
    return Map.entry(suffix, new Other(program, "python3 -c \"" + code + "\""));
  }

  private static Map.Entry<String, Other> pandas(String suffix, String program, String reader) {
    return python(
        suffix,
        program,
        "import numpy, pandas; numpy.save('NAME.npy', pandas.read_"
            + reader
            + "('FILE').to_numpy('f8'))");
  }

  private static Map.Entry<String, Other> r(String suffix, String code) {
    return Map.entry(suffix, new Other("R", "Rscript -e \"" + code + "\""));
  }
}
