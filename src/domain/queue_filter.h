// Which queues a listing shows (http-v2 §5.1, D16, D17).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace marconi::domain {

/// Keeps queues whose stored metadata member `key` equals one of `values`. A dotted key reaches
/// nested members. A value matches the same string, and the same integer if it reads as one.
struct MetadataFilter {
  std::string key;
  std::vector<std::string> values;
};

/// All conditions must hold; none set keeps every queue.
struct QueueFilter {
  std::string name_contains;  ///< literal, case-sensitive; empty for any name
  std::vector<MetadataFilter> metadata;

  [[nodiscard]] bool matches_name(std::string_view name) const;
  /// `json`: the text of a queue's metadata.
  [[nodiscard]] bool matches_metadata(std::string_view json) const;
};

}  // namespace marconi::domain
