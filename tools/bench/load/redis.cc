#include <charconv>

#include "conversation.h"

namespace marconi::load {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

class RedisConversation : public Conversation {
 public:
  RedisConversation(const Script& script, std::size_t first) : requests_(script, first) {}

  std::string_view request() override { return requests_.next(); }

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
  Requests requests_;
};

}  // namespace

std::unique_ptr<Conversation> redis_conversation(const Script& script, std::size_t first) {
  return std::make_unique<RedisConversation>(script, first);
}

}  // namespace marconi::load
