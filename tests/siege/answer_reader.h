// Takes answers apart as they come, keeping none of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace marconi::siege {

/// The answers on one connection, fed piece by piece.
class AnswerReader {
 public:
  struct Answer {
    int status = 0;
    std::size_t body_bytes = 0;
  };

  /// Takes in what has arrived and calls `on_answer` with every answer that is complete now.
  /// False if this is no HTTP; then the reader is of no more use.
  template <class OnAnswer>
  bool feed(std::string_view bytes, const OnAnswer& on_answer) {
    while (!bytes.empty()) {
      if (!in_body_ && !take_head(bytes)) return false;
      if (in_body_ && take_body(bytes)) on_answer(answer_);
    }
    return true;
  }

  /// Whether an answer has begun and not ended.
  [[nodiscard]] bool is_within_answer() const { return in_body_ || !head_.empty(); }

 private:
  /// Removes from `bytes` what belongs to the head.
  bool take_head(std::string_view& bytes);
  /// Removes from `bytes` what belongs to the body. True if the answer is complete.
  bool take_body(std::string_view& bytes);

  std::string head_;
  bool in_body_ = false;
  Answer answer_;
  std::size_t missing_ = 0;
};

}  // namespace marconi::siege
