#include "router/evaluate/svg_canvas.h"

#include <cmath>
#include <cstdio>

namespace moerge {
namespace {

constexpr std::string_view kStyle = R"(<style>
svg { background: #ffffff; font-family: system-ui, sans-serif; font-size: 12px; }
text { fill: #1f2430; }
.faint { fill: #667085; }
.heading { font-size: 14px; font-weight: 600; }
.grid { stroke: #e4e7ec; stroke-width: 1; }
.mark { stroke: #98a2b3; stroke-width: 1; stroke-dasharray: 4 3; }
.a { stroke: #1d5fd1; } circle.a { fill: #1d5fd1; }
.b { stroke: #b45309; } circle.b { fill: #b45309; }
.c { stroke: #667085; } circle.c { fill: #667085; }
.d { stroke: #0f766e; } circle.d { fill: #0f766e; }
.e { stroke: #7c3aed; } circle.e { fill: #7c3aed; }
.f { stroke: #be185d; } circle.f { fill: #be185d; }
.bar { stroke-width: 1.5; }
.curve { fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
svg { background: #12151c; }
text { fill: #e6e9ef; }
.faint { fill: #98a2b3; }
.grid { stroke: #2a303c; }
.mark { stroke: #667085; }
.a { stroke: #7aa7ff; } circle.a { fill: #7aa7ff; }
.b { stroke: #f5b454; } circle.b { fill: #f5b454; }
.c { stroke: #98a2b3; } circle.c { fill: #98a2b3; }
.d { stroke: #5fd0c1; } circle.d { fill: #5fd0c1; }
.e { stroke: #b79cff; } circle.e { fill: #b79cff; }
.f { stroke: #f48fb1; } circle.f { fill: #f48fb1; }
}
</style>
)";

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  return out;
}

std::string_view AnchorName(TextAnchor anchor) {
  if (anchor == TextAnchor::kMiddle) return "middle";
  return anchor == TextAnchor::kEnd ? "end" : "start";
}

}  // namespace

SvgCanvas::SvgCanvas(double width, double height, std::string_view title) {
  const std::string size = Number(width) + " " + Number(height);
  out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + "\" width=\"" +
         Number(width) + "\" height=\"" + Number(height) + "\" role=\"img\">\n<title>" +
         Escaped(title) + "</title>\n" + std::string(kStyle);
}

void SvgCanvas::Line(Spot from, Spot to, std::string_view style) {
  out_ += "<line x1=\"" + Number(from.x) + "\" y1=\"" + Number(from.y) + "\" x2=\"" + Number(to.x) +
          "\" y2=\"" + Number(to.y) + "\" class=\"" + std::string(style) + "\"/>\n";
}

void SvgCanvas::Path(const std::vector<Spot>& spots, std::string_view style) {
  out_ += "<polyline points=\"";
  for (const Spot& spot : spots) out_ += Number(spot.x) + "," + Number(spot.y) + " ";
  out_ += "\" class=\"" + std::string(style) + "\"/>\n";
}

void SvgCanvas::Circle(Spot at, double radius, std::string_view style) {
  out_ += "<circle cx=\"" + Number(at.x) + "\" cy=\"" + Number(at.y) + "\" r=\"" + Number(radius) +
          "\" class=\"" + std::string(style) + "\"/>\n";
}

void SvgCanvas::Text(Spot at, std::string_view text, std::string_view style, TextAnchor anchor) {
  out_ += "<text x=\"" + Number(at.x) + "\" y=\"" + Number(at.y) + "\" class=\"" +
          std::string(style) + "\" text-anchor=\"" + std::string(AnchorName(anchor)) + "\">" +
          Escaped(text) + "</text>\n";
}

std::string SvgCanvas::Finish() && { return std::move(out_) + "</svg>\n"; }

std::vector<double> Ticks(double low, double high, int count) {
  const double raw = (high - low) / count;
  if (!(raw > 0)) return {low};
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power < raw * 0.999) continue;
    step = factor * power;
    break;
  }
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  for (double at = first; at * step <= high + step * 1e-9; ++at) {
    ticks.push_back(at == 0 ? 0.0 : at * step);
  }
  return ticks;
}

}  // namespace moerge
