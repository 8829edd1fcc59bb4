/* Stands for a library of CUDA 13 while the bridge to it is linked. */
