// Gives each id that the server hands out a number, so that a history holds no texts.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace marconi::history {

/// Equal texts get equal numbers, from 1. Thread-safe.
class IdNumbers {
 public:
  [[nodiscard]] std::uint32_t number_of(const std::string& id);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

}  // namespace marconi::history
