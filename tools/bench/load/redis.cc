#include <charconv>

#include "conversation.h"

namespace marconi::load {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

class RedisConversation : public Conversation {
 public:
  explicit RedisConversation(const Script& script) : request_(script.request) {}

  std::string_view request() override { return request_; }

  Answer answer(std::string_view bytes) override {
    const auto end = bytes.find(kLineEnd);
    if (end == std::string_view::npos) {
      return {};
    }
    std::size_t size = end + kLineEnd.size();
    if (bytes.front() == '$') {
      std::size_t length = 0;
      std::from_chars(bytes.data() + 1, bytes.data() + end, length);
      size += length + kLineEnd.size();
    }
    if (bytes.size() < size) {
      return {};
    }
    return {.size = size, .outcome = bytes.front() == '-' ? Outcome::failed : Outcome::done};
  }

 private:
  std::string request_;
};

}  // namespace

std::unique_ptr<Conversation> redis_conversation(const Script& script) {
  return std::make_unique<RedisConversation>(script);
}

}  // namespace marconi::load
