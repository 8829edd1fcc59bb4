package org.levinv.device.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.levinv.device.Device;
import org.levinv.device.DeviceProvider;

/**
 * Offers the cards: {@code cuda:K}, {@code cuda} for the first that works, {@code cuda:K,L,...} and
 * {@code cuda:all} for several.
 */
public final class CudaProvider implements DeviceProvider {
  private static final Pattern CARD = Pattern.compile("cuda(?::(\\d{1,4}))?");
  private static final Pattern CARDS = Pattern.compile("cuda:(all|\\d{1,4}(?:,\\d{1,4})+)");

  /**
   * n d^2 below which a card hardly pays: a solve is some 1,400 launches, counted on small
   * problems, which take 14 ms at 10 us each; a CPU of 100 Gflop/s does the 13 n d^2 operations of
   * a problem with n d^2 = 1e8 in that time.
   */
  private static final double PAYS_FROM = 1e8;

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public boolean isAskedFor(String device) {
    return CARD.matcher(device).matches() || CARDS.matcher(device).matches();
  }

  @Override
  public int preference() {
    return 2;
  }

  @Override
  public double paysFrom() {
    return PAYS_FROM;
  }

  @Override
  public Device open(String device, int threads) {
    Matcher card = CARD.matcher(device);
    if (!card.matches()) {
      throw new IllegalArgumentException("expected cuda or cuda:K, got '" + device + "'");
    }
    return card.group(1) == null
        ? CudaCards.open()
        : CudaCards.open(Integer.parseInt(card.group(1)));
  }

  @Override
  public List<Device> openAll(String device, int threads) {
    Matcher cards = CARDS.matcher(device);
    if (!cards.matches()) {
      return List.of(open(device, threads));
    }
    return cards.group(1).equals("all")
        ? CudaCards.openAll()
        : CudaCards.open(
            Arrays.stream(cards.group(1).split(",")).mapToInt(Integer::parseInt).toArray());
  }

  @Override
  public List<String> describe(int threads) {
    return CudaCards.describe();
  }
}
