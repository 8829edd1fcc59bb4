/**
 * The cuda device: NVIDIA's libraries through JCuda, and kernels that are compiled for the card.
 */
module org.levinv.cuda {
  requires org.levinv.core;
  requires jcuda;
  requires jcublas;
  requires jcusolver;

  provides org.levinv.device.DeviceProvider with
      org.levinv.device.cuda.CudaProvider;
}
