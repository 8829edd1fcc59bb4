package org.levinv.app;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.levinv.InvalidInputException;
import org.levinv.Method;
import org.levinv.PlantedProblem.Kind;
import org.levinv.Signs;
import org.levinv.Tyler.Location;
import org.levinv.Tyler.Normalisation;
import org.levinv.device.Precision;
import org.levinv.files.Inputs;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The words that an option takes, for converting and completing them. One rule for all: in lower
 * case in help and results, and in any case on the command line.
 */
public abstract class Words<T> implements ITypeConverter<T>, Iterable<String> {
  private final Map<String, T> words;

  /** In the order in which messages list them. */
  Words(Map<String, T> words) {
    this.words = words;
  }

  /** What a word stands for, or null where it is none of them. */
  public T find(String word) {
    return words.get(word.toLowerCase(Locale.ROOT));
  }

  /** What someone may have meant, for a message. */
  public String suggestions(String word) {
    return Suggestions.of(word.toLowerCase(Locale.ROOT), words.keySet());
  }

  /** In their order. */
  public List<String> all() {
    return List.copyOf(words.keySet());
  }

  /** The words for a message: {@code auto, cpu or reference}. */
  String list() {
    List<String> all = new ArrayList<>(words.keySet());
    String last = all.remove(all.size() - 1);
    return all.isEmpty() ? last : String.join(", ", all) + " or " + last;
  }

  /**
   * Refuses what is neither a word nor a file.
   *
   * @param option for the message
   * @param expected beside a file
   * @param suggestions of a word
   */
  static void requireFile(String option, String expected, String given, String suggestions) {
    if (given.isBlank() || !Inputs.exists(Path.of(given))) {
      throw new InvalidInputException(
          option + ": expected " + expected + " or a file, got '" + given + "'" + suggestions);
    }
  }

  /** The same for these words. */
  void requireWordOrFile(String option, String given) {
    if (find(given) == null) {
      requireFile(option, String.join(", ", words.keySet()), given, suggestions(given));
    }
  }

  @Override
  public T convert(String word) {
    T found = find(word);
    if (found == null) {
      throw new TypeConversionException(
          "expected " + list() + ", got '" + word + "'" + suggestions(word));
    }
    return found;
  }

  @Override
  public Iterator<String> iterator() {
    return words.keySet().iterator();
  }

  /** Refuses what is no number, or no file's name, in words that are not those of Java. */
  static void registerConverters(CommandLine line) {
    ITypeConverter<Double> number = text -> number(text, Double::valueOf, "a number");
    ITypeConverter<Long> whole = text -> number(text, Long::valueOf, "a whole number");
    ITypeConverter<Integer> small = text -> number(text, Integer::valueOf, "a whole number");
    line.registerConverter(Double.class, number)
        .registerConverter(double.class, number)
        .registerConverter(Long.class, whole)
        .registerConverter(long.class, whole)
        .registerConverter(Integer.class, small)
        .registerConverter(int.class, small)
        .registerConverter(Boolean.class, Words::flag)
        .registerConverter(boolean.class, Words::flag)
        .registerConverter(Path.class, Words::path);
  }

  /** A shell's variable that is not set is an empty name, which Java takes for this folder. */
  private static Path path(String text) {
    try {
      if (!text.isBlank()) {
        return Path.of(text);
      }
    } catch (InvalidPathException e) {
      // said below
    }
    throw new TypeConversionException("expected the name of a file or folder, got '" + text + "'");
  }

  /** Of an option without a value, which may have one all the same. */
  private static Boolean flag(String text) {
    if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
      return Boolean.valueOf(text);
    }
    throw new TypeConversionException("expected no value, got '" + text + "'");
  }

  private static <N> N number(String text, Function<String, N> parse, String expected) {
    try {
      return parse.apply(text.strip());
    } catch (NumberFormatException e) {
      throw new TypeConversionException("expected " + expected + ", got '" + text + "'");
    }
  }

  private static <E extends Enum<E>> Map<String, E> ofEnum(List<E> values) {
    Map<String, E> words = new LinkedHashMap<>();
    for (E value : values) {
      words.put(value.name().toLowerCase(Locale.ROOT).replace('_', '-'), value);
    }
    return words;
  }

  /** {@code solve --method}. */
  static final class Methods extends Words<Method> {
    Methods() {
      super(ofEnum(List.of(Method.values())));
    }
  }

  /** {@code solve-gradient --method}. */
  static final class NewtonMethods extends Words<Method> {
    NewtonMethods() {
      super(ofEnum(List.of(Method.NEWTON, Method.SAMPLED_NEWTON)));
    }
  }

  /** {@code --precision}. */
  static final class Precisions extends Words<Precision> {
    Precisions() {
      super(words());
    }

    private static Map<String, Precision> words() {
      Map<String, Precision> words = new LinkedHashMap<>();
      words.put("double", Precision.DOUBLE);
      words.put("mixed", Precision.SINGLE);
      return words;
    }
  }

  /** {@code generate --kind}. */
  static final class Kinds extends Words<Kind> {
    Kinds() {
      super(ofEnum(List.of(Kind.values())));
    }
  }

  /** {@code --write}. */
  public static final class RowVectors extends Words<AnswerArguments.RowVector> {
    /** The words. */
    public RowVectors() {
      super(ofEnum(List.of(AnswerArguments.RowVector.values())));
    }
  }

  /** {@code --signs}, which may also be a file. */
  public static final class SignWords extends Words<Signs> {
    /** The words. */
    public SignWords() {
      super(words());
    }

    private static Map<String, Signs> words() {
      Map<String, Signs> words = new LinkedHashMap<>();
      words.put("auto", Signs.auto());
      words.put("positive", Signs.positive());
      words.put("negative", Signs.negative());
      words.put("unknown", Signs.unknown());
      return words;
    }
  }

  /** {@code scale --location}, which may also be a file. */
  static final class Locations extends Words<Location> {
    Locations() {
      super(ofEnum(List.of(Location.ORIGIN, Location.MEAN, Location.MEDIAN, Location.HR)));
    }
  }

  /** {@code scale --normalise}. */
  static final class Normalisations extends Words<Normalisation> {
    Normalisations() {
      super(ofEnum(List.of(Normalisation.values())));
    }
  }

  /** {@code --device}, some of whose names have numbers. */
  static final class Devices implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of("auto", "cpu", "reference", "cuda", "cuda:all").iterator();
    }
  }
}
