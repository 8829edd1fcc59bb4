/**
 * The cuda device: cuBLAS, cuSOLVER and the kernels of {@code cuda-kernels/} through JCuda, on the
 * driver API.
 */
package org.levinv.device.cuda;
