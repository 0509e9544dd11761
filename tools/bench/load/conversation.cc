#include "conversation.h"

namespace marconi::load {

std::expected<std::unique_ptr<Conversation>, std::string> make_conversation(
    std::string_view protocol, const Script& script, std::size_t first) {
  if (protocol == "http") {
    return http_conversation(script, first);
  }
  if (protocol == "beanstalk") {
    return beanstalk_conversation(script, first);
  }
  if (protocol != "redis") {
    return std::unexpected("no protocol " + std::string(protocol));
  }
  if (!script.follow_up.empty()) {
    return std::unexpected("the protocol redis knows no follow-up");
  }
  return redis_conversation(script, first);
}

}  // namespace marconi::load
