package org.levinv.app.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Where a value lies on a side of a plot, as a share of its length, and what is written there.
 *
 * @param place from a value to a share of the side; outside of [0, 1] where it does not fit
 * @param ticks in the order of their places
 */
record Axis(DoubleUnaryOperator place, List<Tick> ticks) {

  /** Labels that fit a side. */
  private static final int LABELS = 7;

  record Tick(double value, String label) {}

  double at(double value) {
    return Math.max(0, Math.min(1, place.applyAsDouble(value)));
  }

  /** From the least to the largest of some numbers, with some room; they may be all the same. */
  static Axis linear(double low, double high) {
    double middle = 0.5 * low + 0.5 * high;
    double half = Math.max(0.5 * high - 0.5 * low, 1e-12 * Math.abs(middle));
    if (low == high) { // one number shows its own size
      half = middle == 0 ? 1 : Math.abs(middle);
    }
    return between(middle - 1.05 * half, middle + 1.05 * half);
  }

  /** From 0 to a number of things, with some room. */
  static Axis counts(double most) {
    return between(0, 1.05 * Math.max(1, most));
  }

  private static Axis between(double from, double to) {
    double step = roundStep((to - from) / LABELS);
    List<Tick> ticks = new ArrayList<>();
    for (double k = Math.ceil(from / step); k * step <= to && ticks.size() <= 2 * LABELS; k++) {
      ticks.add(new Tick(k * step, shortest(k * step + 0.0, step))); // no -0
    }
    return new Axis(v -> (v - from) / (to - from), ticks);
  }

  /** The names of things at 0, 1, 2, ..., the first at the far end. */
  static Axis names(List<String> names) {
    int count = names.size();
    List<Tick> ticks = IntStream.range(0, count).mapToObj(k -> new Tick(k, names.get(k))).toList();
    return new Axis(k -> 1 - (k + 0.5) / count, ticks);
  }

  /** Whole decades around two positive numbers. */
  static Axis log(double low, double high) {
    int from = (int) Math.floor(Math.log10(low) + 1e-9);
    int to = Math.max(from + 1, (int) Math.ceil(Math.log10(high) - 1e-9));
    int every = (to - from + LABELS - 1) / LABELS;
    List<Tick> ticks =
        IntStream.rangeClosed(from, to)
            .filter(k -> (k - from) % every == 0)
            .mapToObj(k -> new Tick(Math.pow(10, k), power(k)))
            .toList();
    return new Axis(v -> v > 0 ? (Math.log10(v) - from) / (to - from) : 0, ticks);
  }

  /** Both signs, each on a logarithmic scale from {@code low} up; what is smaller lies between. */
  static Axis signed(double low, double high) {
    int from = (int) Math.floor(Math.log10(low) + 1e-9);
    int to = Math.max(from + 1, (int) Math.ceil(Math.log10(high) - 1e-9));
    double gap = 0.5; // decades from the middle to +-low
    int every = Math.max(1, (2 * (to - from) + LABELS - 1) / LABELS);
    List<Tick> ticks = new ArrayList<>();
    for (int k = to; k >= from; k--) {
      if ((to - k) % every == 0) {
        ticks.add(new Tick(-Math.pow(10, k), "\u2212" + power(k)));
      }
    }
    ticks.add(new Tick(0, "0"));
    for (int k = from; k <= to; k++) {
      if ((to - k) % every == 0) {
        ticks.add(new Tick(Math.pow(10, k), power(k)));
      }
    }
    double half = to - from + gap;
    DoubleUnaryOperator place =
        v -> {
          double decades = Math.max(0, Math.log10(Math.abs(v)) - from + gap);
          return v == 0 ? 0.5 : 0.5 + 0.5 * Math.signum(v) * decades / half;
        };
    return new Axis(place, ticks);
  }

  private static double roundStep(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    for (double round : new double[] {1, 2, 5}) {
      if (round * power >= step) {
        return round * power;
      }
    }
    return 10 * power;
  }

  private static String shortest(double value, double step) {
    if (value != 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3)) {
      return String.format(Locale.ROOT, "%.3g", value).replaceFirst("\\.?0+(e|$)", "$1");
    }
    int digits = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    return String.format(Locale.ROOT, "%." + Math.min(digits, 9) + "f", value);
  }

  private static String power(int k) {
    return k == 0 ? "1" : "1e" + k;
  }
}
