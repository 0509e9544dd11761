#include <charconv>

#include "conversation.h"
#include "template.h"

namespace marconi::load {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

class BeanstalkConversation : public Conversation {
 public:
  BeanstalkConversation(const Script& script, std::size_t first)
      : requests_(script, first),
        follow_up_(script.follow_up),
        follows_(!script.follow_up.empty()) {}

  std::string_view request() override {
    if (job_.empty()) {
      return requests_.next();
    }
    follow_up_.fill(job_, filled_);
    return filled_;
  }

  Answer answer(std::string_view bytes) override {
    const auto end = bytes.find(kLineEnd);
    if (end == std::string_view::npos) {
      return {};
    }
    const auto line = bytes.substr(0, end);
    const std::size_t size = end + kLineEnd.size();
    if (line.starts_with("RESERVED ")) {
      return reserved(line, bytes.size(), size);
    }
    job_.clear();
    if (line == "TIMED_OUT") {
      return {.size = size, .outcome = Outcome::dry};
    }
    const bool good = line.starts_with("INSERTED ") || line == "DELETED";
    return {.size = size, .outcome = good ? Outcome::done : Outcome::failed};
  }

 private:
  // "RESERVED <id> <bytes>", then the job's data on a line of its own.
  Answer reserved(std::string_view line, std::size_t arrived, std::size_t size) {
    const auto id = line.find(' ') + 1;
    const auto space = line.find(' ', id);
    std::size_t length = 0;
    std::from_chars(line.data() + space + 1, line.data() + line.size(), length);
    size += length + kLineEnd.size();
    if (arrived < size) {
      return {};
    }
    if (follows_) {
      job_ = line.substr(id, space - id);
    }
    return {.size = size, .outcome = Outcome::done};
  }

  Requests requests_;
  Template follow_up_;
  bool follows_;
  std::string job_;  // the one to delete next
  std::string filled_;
};

}  // namespace

std::unique_ptr<Conversation> beanstalk_conversation(const Script& script, std::size_t first) {
  return std::make_unique<BeanstalkConversation>(script, first);
}

}  // namespace marconi::load
