package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.nvrtc.JNvrtc.nvrtcCompileProgram;
import static jcuda.nvrtc.JNvrtc.nvrtcCreateProgram;
import static jcuda.nvrtc.JNvrtc.nvrtcDestroyProgram;
import static jcuda.nvrtc.JNvrtc.nvrtcGetCUBIN;
import static jcuda.nvrtc.JNvrtc.nvrtcGetCUBINSize;
import static jcuda.nvrtc.JNvrtc.nvrtcGetNumSupportedArchs;
import static jcuda.nvrtc.JNvrtc.nvrtcGetPTX;
import static jcuda.nvrtc.JNvrtc.nvrtcGetProgramLog;
import static jcuda.nvrtc.JNvrtc.nvrtcGetSupportedArchs;
import static jcuda.nvrtc.JNvrtc.nvrtcVersion;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.nvrtc.nvrtcProgram;
import org.levinv.device.Formula;
import org.levinv.device.InvalidDeviceException;

/** The kernels of {@code cuda-kernels/}, compiled for the card at hand, and their launches. */
final class CudaKernels {
  private static final List<String> HEADERS = List.of("common.cuh", "formula.cuh");
  private static final List<String> FILES =
      List.of("vectors.cu", "rows.cu", "small.cu", "matrices.cu");

  /** For cards with double-precision matrix units. */
  private static final String UNITS = "units.cu";

  /**
   * Cards whose matrix units are the fastest way to multiply doubles: A100, H100, B200 and B300;
   * others of their generations have few.
   */
  private static final Set<Integer> WITH_UNITS = Set.of(80, 90, 100, 103);

  private static final Pattern KERNEL =
      Pattern.compile(
          "extern \"C\" __global__ void\\s+__launch_bounds__\\((\\d+)(?:, \\d+)?\\)\\s+(\\w+)"
              + "\\(([^)]*)\\)");
  private static final Pattern FORMULAS = Pattern.compile("enum Formula \\{([^}]*)\\}");

  private static final int MOST_ARGUMENTS = 10;

  /** Blocks for each multiprocessor: enough to hide the latency of memory. */
  private static final int BLOCKS = 8;

  /** Parts of sums over rows: fixed, so that the same data give the same bits on every card. */
  static final int PARTS = 256;

  /** What a parameter of a kernel takes; any other argument would be read as other bits. */
  private enum Parameter {
    POINTER(Address.class),
    INT(Integer.class),
    LONG(Long.class),
    DOUBLE(Double.class);

    private final Class<?> argument;

    Parameter(Class<?> argument) {
      this.argument = argument;
    }

    /** A null stands for a vector that is missing. */
    boolean takes(Object value) {
      return value == null ? this == POINTER : argument.isInstance(value);
    }

    /**
     * @param declaration such as {@code const double* A}
     */
    static Parameter of(String declaration) {
      String type = declaration.strip().replaceFirst("\\s*\\w+$", "");
      if (type.endsWith("*")) {
        return POINTER;
      }
      return switch (type) {
        case "int" -> INT;
        case "long long" -> LONG;
        case "double" -> DOUBLE;
        default -> throw new IllegalStateException("a kernel takes no " + type);
      };
    }
  }

  /**
   * @param parameters as its text declares them: the driver has no count of the arguments it gets
   */
  private record Kernel(CUfunction function, int threads, Parameter[] parameters) {

    void check(String name, Object[] values) {
      boolean fits = values.length == parameters.length;
      for (int k = 0; fits && k < values.length; k++) {
        fits = parameters[k].takes(values[k]);
      }
      if (!fits) {
        throw new IllegalArgumentException(
            "kernel "
                + name
                + ": expected arguments "
                + Arrays.toString(parameters)
                + ", got "
                + Arrays.toString(values));
      }
    }
  }

  private final CudaContext context;
  private final String target;
  private final Map<String, Kernel> kernels = new HashMap<>();
  private final Map<Formula, Integer> formulas = new EnumMap<>(Formula.class);
  private final ByteBuffer arguments =
      ByteBuffer.allocateDirect(8 * MOST_ARGUMENTS).order(ByteOrder.nativeOrder());

  /** For k arguments, a pointer to the addresses of the first k. */
  private final Pointer[] argumentLists = new Pointer[MOST_ARGUMENTS + 1];

  CudaKernels(CudaContext context, DiskCache cache) {
    this.context = context;
    target = target(context.architecture);
    Pointer[] slots = new Pointer[MOST_ARGUMENTS];
    Arrays.setAll(slots, k -> Pointer.to(arguments).withByteOffset(8L * k));
    Arrays.setAll(argumentLists, k -> Pointer.to(Arrays.copyOf(slots, k)));
    Map<String, String> headers = headers();
    readFormulas(headers.get("formula.cuh"));
    files(context.architecture).forEach(file -> load(file, source(file), headers, cache));
  }

  /** What is compiled for a card. */
  static List<String> files(int card) {
    return WITH_UNITS.contains(card)
        ? Stream.concat(FILES.stream(), Stream.of(UNITS)).toList()
        : FILES;
  }

  static String source(String name) {
    try (InputStream in = CudaKernels.class.getResourceAsStream("kernels/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readFormulas(String source) {
    Matcher names = FORMULAS.matcher(source);
    if (!names.find()) {
      throw new IllegalStateException("formula.cuh names no formulas");
    }
    List<String> found = List.of(names.group(1).trim().split("\\s*,\\s*"));
    for (Formula f : Formula.values()) {
      if (found.contains(f.name())) {
        formulas.put(f, found.indexOf(f.name()));
      }
    }
  }

  /** The number of a formula in the kernel {@code map}. */
  int number(Formula f) {
    Integer number = formulas.get(f);
    if (number == null) {
      throw new IllegalStateException("formula.cuh has no formula " + f);
    }
    return number;
  }

  // ---- compiling

  static String nvrtc() {
    int[] major = new int[1];
    int[] minor = new int[1];
    nvrtcVersion(major, minor);
    return major[0] + "." + minor[0];
  }

  private String[] options() {
    return options(target);
  }

  /**
   * @param target such as sm_90
   * @param more options
   */
  static String[] options(String target, String... more) {
    return Stream.concat(
            Stream.of("--gpu-architecture=" + target, "--std=c++17", "--fmad=false"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  /** The text of all headers by name. */
  static Map<String, String> headers() {
    Map<String, String> headers = new HashMap<>();
    HEADERS.forEach(name -> headers.put(name, source(name)));
    return headers;
  }

  /**
   * What to compile for: the card itself where NVRTC knows it, or else PTX of the newest
   * architecture before it, which the driver compiles for the card.
   *
   * @param card such as 90
   * @throws InvalidDeviceException where the card is older than all that NVRTC knows
   */
  static String target(int card) {
    int[] count = new int[1];
    nvrtcGetNumSupportedArchs(count);
    int[] known = new int[count[0]];
    nvrtcGetSupportedArchs(known);
    int newest = Arrays.stream(known).filter(one -> one <= card).max().orElse(-1);
    if (newest < 0) {
      throw new InvalidDeviceException(
          String.format(
              "cuda: the card (sm_%d) is older than what NVRTC %s compiles for (sm_%d and later):"
                  + " it needs the libraries of an older CUDA",
              card, nvrtc(), Arrays.stream(known).min().orElse(0)));
    }
    return (newest == card ? "sm_" : "compute_") + newest;
  }

  private void load(String file, String source, Map<String, String> headers, DiskCache cache) {
    String key =
        DiskCache.key(
            source,
            headers.get("common.cuh"),
            headers.get("formula.cuh"),
            context.cardName,
            String.join(" ", options()),
            nvrtc());
    CUmodule module = null;
    byte[] kept = cache.read(key);
    if (kept != null) {
      module = tryToLoad(kept);
      if (module == null) {
        cache.forget(key);
      }
    }
    if (module == null) {
      byte[] compiled = compile(file, source, headers, options()).image();
      module = new CUmodule();
      cuModuleLoadData(module, compiled);
      cache.write(key, compiled);
    }
    CUmodule loaded = module;
    context.own(() -> cuModuleUnload(loaded));
    Matcher names = KERNEL.matcher(source);
    while (names.find()) {
      CUfunction function = new CUfunction();
      cuModuleGetFunction(function, module, names.group(2));
      Parameter[] parameters =
          Arrays.stream(names.group(3).split(",")).map(Parameter::of).toArray(Parameter[]::new);
      kernels.put(
          names.group(2), new Kernel(function, Integer.parseInt(names.group(1)), parameters));
    }
  }

  private static CUmodule tryToLoad(byte[] compiled) {
    try {
      CUmodule module = new CUmodule();
      cuModuleLoadData(module, compiled);
      return module;
    } catch (CudaException e) {
      return null; // a damaged file; compiling says what else is wrong
    }
  }

  /**
   * @param image a cubin, or text of PTX with a 0 at its end
   * @param log what the compiler said, on one line
   */
  record Compiled(byte[] image, String log) {}

  static Compiled compile(
      String file, String source, Map<String, String> headers, String... options) {
    nvrtcProgram program = new nvrtcProgram();
    String[] texts = HEADERS.stream().map(headers::get).toArray(String[]::new);
    nvrtcCreateProgram(program, source, file, texts.length, texts, HEADERS.toArray(String[]::new));
    try {
      try {
        nvrtcCompileProgram(program, options.length, options);
      } catch (CudaException e) {
        throw new InvalidDeviceException(
            String.format(
                "cuda: %s does not compile with NVRTC %s (%s): %s: %s",
                file, nvrtc(), options[0], e.getMessage(), log(program)),
            e);
      }
      if (options[0].contains("=compute_")) {
        String[] text = new String[1];
        nvrtcGetPTX(program, text);
        byte[] ptx = (text[0] + "\0").getBytes(StandardCharsets.ISO_8859_1);
        return new Compiled(ptx, log(program));
      }
      long[] size = new long[1];
      nvrtcGetCUBINSize(program, size);
      byte[] compiled = new byte[Math.toIntExact(size[0])];
      nvrtcGetCUBIN(program, compiled);
      return new Compiled(compiled, log(program));
    } finally {
      nvrtcDestroyProgram(program);
    }
  }

  private static String log(nvrtcProgram program) {
    String[] log = new String[1];
    nvrtcGetProgramLog(program, log);
    return log[0].strip().replaceAll("\\s*\\R\\s*", " | ");
  }

  // ---- launching

  /** One thread for each of {@code work} entries, as far as the card has use for them. */
  void run(String name, long work, Object... values) {
    int threads = kernel(name).threads;
    long blocks = Math.min((work + threads - 1) / threads, (long) BLOCKS * context.multiprocessors);
    launch(name, (int) Math.max(1, blocks), 1, values);
  }

  /** As many blocks as asked for. */
  void launch(String name, int blocks, int blocksDown, Object... values) {
    Kernel kernel = kernel(name);
    kernel.check(name, values);
    for (int k = 0; k < values.length; k++) {
      put(8 * k, values[k]);
    }
    cuLaunchKernel(
        kernel.function,
        blocks,
        blocksDown,
        1,
        kernel.threads,
        1,
        1,
        0,
        context.stream,
        argumentLists[values.length],
        null);
  }

  /** to = diag(factor) A, or to + diag(factor) A, for {@code count} rows. */
  void scaleRows(int count, int d, Address factor, Address A, boolean add, Address to) {
    int lanes = lanes(d);
    run("scaleRows", (long) count * lanes, (long) count, d, lanes, factor, A, add ? 1 : 0, to);
  }

  // ---- launch shapes

  /** Threads that share a row of d numbers, two of them at a time. */
  static int lanes(int d) {
    return Math.min(32, powerOfTwo((d + 1) / 2));
  }

  /** The smallest that is not below. */
  static int powerOfTwo(int value) {
    return value <= 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
  }

  /** Parts of a sum over rows, each of {@code rowsOfPart} or more. */
  static int parts(long rows, int rowsOfPart) {
    return (int) Math.max(1, Math.min(PARTS, (rows + rowsOfPart - 1) / rowsOfPart));
  }

  /** The width of the fused kernels for d columns. */
  static int width(int d) {
    return d <= 16 ? 16 : d <= 32 ? 32 : 64;
  }

  /** The fused kernel for d columns that is the fastest on this card: {@code gram} or forms. */
  String fused(String kernel, int d) {
    if (!hasUnits()) {
      return kernel + width(d);
    }
    return kernel + "Units" + (d <= 8 ? 8 : (d + 15) / 16 * 16);
  }

  /** Whether {@code units.cu} is compiled for the card. */
  boolean hasUnits() {
    return WITH_UNITS.contains(context.architecture);
  }

  /**
   * A second stage of a sum, of {@code entries} entries over parts: a block takes 32 entries, and
   * the threads for each share its parts.
   */
  void sum(String kernel, long entries, Object... values) {
    run(kernel, 8 * entries, values);
  }

  private Kernel kernel(String name) {
    Kernel kernel = kernels.get(name);
    if (kernel == null) {
      throw new IllegalStateException("cuda-kernels has no kernel " + name);
    }
    return kernel;
  }

  private void put(int at, Object value) {
    if (value == null) {
      arguments.putLong(at, 0);
    } else if (value instanceof Address address) {
      arguments.putLong(at, address.value());
    } else if (value instanceof Integer number) {
      arguments.putInt(at, number);
    } else if (value instanceof Long number) {
      arguments.putLong(at, number);
    } else {
      arguments.putDouble(at, (Double) value);
    }
  }
}
