// Kernels: what runs right, and what is reported.
#include "harness.h"

static std::vector<double> numbers(size_t n) {
  std::vector<double> to(n);
  for (size_t k = 0; k < n; k++) {
    to[k] = 0.5 + static_cast<double>(k % 97);
  }
  return to;
}

TEST(kernelRunsOnEveryEntry) {
  Card card;
  auto x = numbers(1001);
  Array<double> X(x), Y(x.size());
  EXPECT(launch(card.function("testCube"), 3, 1, 128, 0, card.stream, 1001LL, X.at, Y.at) == 0);
  auto y = Y.host(card.stream);
  for (size_t k = 0; k < x.size(); k++) {
    EXPECT(y[k] == x[k] * x[k] * x[k]);
  }
}

TEST(barriersAndShufflesAndDynamicMemory) {
  Card card;
  auto x = numbers(1024);
  Array<double> X(x), Y(1024), S(7 * 64), D(4);
  EXPECT(launch(card.function("testReverse"), 1, 1, 256, 0, card.stream, 3, 4, X.at, Y.at) == 0);
  auto y = Y.host(card.stream);
  for (int r = 0; r < 4; r++) {
    for (int t = 0; t < 256; t++) {
      EXPECT(y[256 * r + t] == x[256 * r + 255 - t]);
    }
  }
  EXPECT(launch(card.function("testShuffles"), 1, 1, 64, 0, card.stream, S.at) == 0);
  auto s = S.host(card.stream);
  for (int t = 0; t < 64; t++) {
    int lane = t % 32, warp = t - lane;
    EXPECT(s[t] == warp + (lane ^ 5));
    EXPECT(s[64 + t] == (lane + 4 < 32 ? t + 4 : t));
    EXPECT(s[128 + t] == warp + 7);
    EXPECT(s[192 + t] == (lane >= 3 ? t - 3 : t));
    EXPECT(s[256 + t] == (lane % 8 + 4 < 8 ? t + 4 : t));
    // the other half: a lane of an earlier group may be read, one of a later group may not
    EXPECT(s[320 + t] == (lane < 16 ? t : t - 16));
    EXPECT(s[384 + t] == warp + lane / 16 * 16 + 9);
  }
  EXPECT(launch(card.function("testDynamic"), 4, 1, 256, 2048, card.stream, X.at, D.at) == 0);
  auto d = D.host(card.stream);
  for (int b = 0; b < 4; b++) {
    double sum = 0;
    for (int t = 0; t < 256; t++) {
      sum += x[256 * b + t];
    }
    EXPECT(d[b] == sum);
  }
}

TEST(gridHasTwoDimensions) {
  Card card;
  Array<int> Y(2 * 6);
  EXPECT(launch(card.function("testGrid"), 3, 2, 1, 0, card.stream, Y.at) == 0);
  auto y = Y.host(card.stream);
  for (int k = 0; k < 6; k++) {
    EXPECT(y[2 * k] == k % 3 && y[2 * k + 1] == k / 3);
  }
}
