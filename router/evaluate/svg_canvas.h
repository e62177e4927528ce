// Writes the few shapes that plots are made of as SVG 1.1. Colours are classes of one style sheet
// in the file, which follows the reader's light or dark setting. Owned by one plot; not
// thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moerge {

struct Spot {
  double x = 0;  // pixels from the left and from the top
  double y = 0;
};

enum class TextAnchor { kStart, kMiddle, kEnd };

class SvgCanvas {
 public:
  // `title`: for screen readers.
  SvgCanvas(double width, double height, std::string_view title);

  void Line(Spot from, Spot to, std::string_view style);
  void Path(const std::vector<Spot>& spots, std::string_view style);
  void Circle(Spot at, double radius, std::string_view style);
  void Text(Spot at, std::string_view text, std::string_view style,
            TextAnchor anchor = TextAnchor::kStart);
  // Ends the document.
  std::string Finish() &&;

 private:
  std::string out_;
};

// From values to pixels, and where the ticks stand.
struct Scale {
  double low = 0;  // value
  double high = 1;
  double from = 0;  // pixel of `low`
  double to = 1;    // pixel of `high`
  double At(double value) const { return from + (value - low) / (high - low) * (to - from); }
};
// At most about `count` round values within low..high.
std::vector<double> Ticks(double low, double high, int count);

}  // namespace moerge
