package org.levinv.device.cpu;

import java.util.Arrays;

/** What one lane needs beside its rows; grows to the largest size asked for and stays. */
final class Scratch {
  private final Memory[] memory = new Memory[5];
  private final long[] sizes = new long[5];
  private double[] strip = new double[0];
  private double[] weights = new double[0];
  private float[] floats = new float[0];

  /** Memory number {@code which}, of {@code doubles} at least. */
  Memory memory(int which, long doubles) {
    if (sizes[which] < doubles) {
      if (memory[which] != null) {
        memory[which].free();
      }
      sizes[which] = 0;
      memory[which] = new Memory(doubles, "scratch");
      sizes[which] = doubles;
    }
    return memory[which];
  }

  /** An array of {@code doubles} at least. */
  double[] strip(int doubles) {
    if (strip.length < doubles) {
      strip = new double[doubles];
    }
    return strip;
  }

  /** Another array, of {@code count} at least: one number for each row of a block. */
  double[] weights(int count) {
    if (weights.length < count) {
      weights = new double[count];
    }
    return weights;
  }

  /** Floats, {@code count} at least. */
  float[] floats(int count) {
    if (floats.length < count) {
      floats = new float[count];
    }
    return floats;
  }

  void free() {
    for (int k = 0; k < memory.length; k++) {
      if (memory[k] != null) {
        memory[k].free();
      }
    }
    Arrays.fill(memory, null);
    Arrays.fill(sizes, 0);
  }
}
