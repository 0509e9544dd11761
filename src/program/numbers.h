// Reading the numbers of a configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/configuration.h"

namespace marconi::program {

/// Reads those of one group. Both arguments must outlive it.
class Numbers {
 public:
  Numbers(const config::Configuration& configuration, std::string_view group)
      : configuration_(configuration), group_(group) {}

  std::int64_t operator()(std::string_view name) const {
    return configuration_.integer(group_, name);
  }
  [[nodiscard]] std::size_t size(std::string_view name) const {
    return static_cast<std::size_t>((*this)(name));
  }
  [[nodiscard]] std::chrono::seconds seconds(std::string_view name) const {
    return std::chrono::seconds((*this)(name));
  }
  [[nodiscard]] std::chrono::duration<double> duration(std::string_view name) const {
    return std::chrono::duration<double>(configuration_.real(group_, name));
  }

 private:
  const config::Configuration& configuration_;
  std::string_view group_;
};

}  // namespace marconi::program
