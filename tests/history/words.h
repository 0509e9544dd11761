// Small help with texts.
#pragma once

#include <string>
#include <string_view>

namespace marconi::history {

inline void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace marconi::history
