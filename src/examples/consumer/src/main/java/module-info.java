/** Names what it uses; the devices are found as services. */
module example {
  requires org.levinv.core;
  requires org.levinv.files;
}
