package org.levinv.io;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Files of other programs, each with the line that makes one of ours out of it. */
final class OtherFormats {
  private static final String PYTHON = "python3 -c \"%s\"";
  private static final String PANDAS =
      "import numpy, pandas; numpy.save('NAME.npy', pandas.%s('FILE').to_numpy('f8'))";

  /** FILE is the file, NAME its name without the suffix. */
  private static final Map<String, String[]> KNOWN = new LinkedHashMap<>();

  static {
    put(
        ".mat",
        "MATLAB",
        python("import numpy, scipy.io; numpy.save('NAME.npy', scipy.io.loadmat('FILE')['A'])"));
    put(".parquet", "Apache Parquet", python(String.format(PANDAS, "read_parquet")));
    put(".feather", "Apache Arrow", python(String.format(PANDAS, "read_feather")));
    put(".arrow", "Apache Arrow", python(String.format(PANDAS, "read_feather")));
    put(".xlsx", "Excel", python(String.format(PANDAS, "read_excel")));
    put(".xls", "Excel", python(String.format(PANDAS, "read_excel")));
    put(".ods", "OpenDocument", python(String.format(PANDAS, "read_excel")));
    put(".pkl", "Python's pickle", python(String.format(PANDAS, "read_pickle")));
    put(".pickle", "Python's pickle", python(String.format(PANDAS, "read_pickle")));
    put(".dta", "Stata", python(String.format(PANDAS, "read_stata")));
    put(".sav", "SPSS", python(String.format(PANDAS, "read_spss")));
    put(".sas7bdat", "SAS", python(String.format(PANDAS, "read_sas")));
    put(".json", "JSON", python(String.format(PANDAS, "read_json")));
    put(
        ".pt",
        "PyTorch",
        python("import numpy, torch; numpy.save('NAME.npy', torch.load('FILE').numpy())"));
    put(".rds", "R", "Rscript -e \"write.csv(readRDS('FILE'), 'NAME.csv', row.names=FALSE)\"");
    put(".rdata", "R", "Rscript -e \"load('FILE'); write.csv(A, 'NAME.csv', row.names=FALSE)\"");
    put(".rda", "R", "Rscript -e \"load('FILE'); write.csv(A, 'NAME.csv', row.names=FALSE)\"");
    put(".zip", "a zip archive", "unzip 'FILE'");
    put(".xz", "xz", "xz -dk 'FILE'");
    put(".bz2", "bzip2", "bzip2 -dk 'FILE'");
    put(".zst", "Zstandard", "zstd -dk 'FILE'");
    put(".gz", "gzip", "gzip -dk 'FILE'");
  }

  private OtherFormats() {}

  /** What was expected of a file that has no known name, and how to get there. */
  static String advice(Path file) {
    String expected =
        "expected a name that ends in .npy, .npz:NAME, .csv, .tsv, .txt, .mtx or .h5:/PATH";
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    String[] known = KNOWN.get(dot < 0 ? "" : name.substring(dot).toLowerCase(Locale.ROOT));
    if (known == null) {
      return expected;
    }
    String line = known[1].replace("NAME", name.substring(0, dot)).replace("FILE", file.toString());
    return expected + "; this one is " + known[0] + ": " + line;
  }

  private static void put(String suffix, String program, String line) {
    KNOWN.put(suffix, new String[] {program, line});
  }

  private static String python(String code) {
    return String.format(PYTHON, code);
  }
}
