package org.levinv.device;

/** A small dense matrix of doubles on a device, such as the d x d Gram matrix. */
public interface Matrix extends Buffer {
  int rows();

  int columns();
}
