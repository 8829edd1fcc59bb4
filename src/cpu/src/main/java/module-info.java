/**
 * The cpu device: OpenBLAS through JavaCPP. Its native library is a module that no other requires:
 * {@code --add-modules ALL-MODULE-PATH} lets it be found.
 */
module org.levinv.cpu {
  requires org.levinv.core;
  requires org.bytedeco.openblas;

  provides org.levinv.device.DeviceProvider with
      org.levinv.device.cpu.CpuProvider;
}
