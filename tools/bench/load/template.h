// A request with one place to fill in.

#pragma once

#include <string>
#include <string_view>

namespace marconi::load {

/// A text cut at its first `{name}`, so that filling it in costs two copies.
class Template {
 public:
  explicit Template(std::string_view text) {
    const auto open = text.find('{');
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) {
      before_ = text;
      return;
    }
    before_ = text.substr(0, open);
    name_ = text.substr(open + 1, close - open - 1);
    after_ = text.substr(close + 1);
  }

  /// The name in braces; empty if there is none.
  [[nodiscard]] const std::string& name() const { return name_; }

  void fill(std::string_view value, std::string& out) const {
    out.assign(before_);
    out.append(value);
    out.append(after_);
  }

 private:
  std::string before_;
  std::string name_;
  std::string after_;
};

}  // namespace marconi::load
