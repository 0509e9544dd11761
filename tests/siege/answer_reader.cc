#include "siege/answer_reader.h"

#include <algorithm>
#include <charconv>

namespace marconi::siege {
namespace {

constexpr std::size_t kMaxHead = 64 * 1024;
constexpr std::size_t kPiece = 512;  // more than most heads have
constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr std::string_view kLength = "\r\nContent-Length: ";

/// Zero if there is no number.
std::size_t number_at(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

bool AnswerReader::take_head(std::string_view& bytes) {
  const std::size_t had = head_.size();
  const std::string_view piece = bytes.substr(0, kPiece);
  head_ += piece;
  const std::size_t end = head_.find("\r\n\r\n", had < 3 ? 0 : had - 3);
  if (end == std::string::npos) {
    bytes.remove_prefix(piece.size());
    return head_.size() <= kMaxHead;
  }
  bytes.remove_prefix(end + 4 - had);
  const std::string_view head = std::string_view(head_).substr(0, end);
  if (!head.starts_with(kVersion)) return false;
  answer_.status = static_cast<int>(number_at(head.substr(kVersion.size())));
  const std::size_t length = head.find(kLength);
  answer_.body_bytes =
      length == std::string_view::npos ? 0 : number_at(head.substr(length + kLength.size()));
  missing_ = answer_.body_bytes;
  head_.clear();
  in_body_ = true;
  return answer_.status >= 100 && answer_.status <= 599;
}

bool AnswerReader::take_body(std::string_view& bytes) {
  const std::size_t taken = std::min(missing_, bytes.size());
  bytes.remove_prefix(taken);
  missing_ -= taken;
  in_body_ = missing_ > 0;
  return !in_body_;
}

}  // namespace marconi::siege
