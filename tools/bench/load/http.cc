#include <charconv>
#include <optional>

#include "conversation.h"
#include "template.h"

namespace marconi::load {

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kStatusAt = 9;  // after "HTTP/1.1 "

struct Head {
  std::size_t size = 0;  // with the empty line
  std::size_t body_size = 0;
  bool good = false;  // a status of the two hundreds
};

// The value of Content-Length, whatever its case; 0 if the head has none, as with status 204.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view kTail = "ength:";
  for (auto at = head.find(kTail); at != std::string_view::npos; at = head.find(kTail, at + 1)) {
    if (at < 8 || head.substr(at - 6, 5) != "tent-") {
      continue;
    }
    const auto digits = head.find_first_not_of(' ', at + kTail.size());
    std::size_t value = 0;
    std::from_chars(head.data() + digits, head.data() + head.size(), value);
    return value;
  }
  return 0;
}

std::optional<Head> read_head(std::string_view bytes) {
  const auto end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const auto head = bytes.substr(0, end + kHeadEnd.size());
  return Head{.size = head.size(),
              .body_size = content_length(head),
              .good = head.size() > kStatusAt && head[kStatusAt] == '2'};
}

// Appends the strings that are the values of this member anywhere in a JSON document, with commas
// between; at most `most` of them.
void collect(std::string_view json, std::string_view member, std::size_t most, std::string& out) {
  for (auto at = json.find(member); at != std::string_view::npos && most > 0; --most) {
    const auto open = json.find('"', at + member.size());
    const auto close = json.find('"', open + 1);
    if (close == std::string_view::npos) {
      return;
    }
    out.append(out.empty() ? "" : ",").append(json.substr(open + 1, close - open - 1));
    at = json.find(member, close);
  }
}

class HttpConversation : public Conversation {
 public:
  HttpConversation(const Script& script, std::size_t first)
      : requests_(script, first),
        follow_up_(script.follow_up),
        follows_(!script.follow_up.empty()) {}

  std::string_view request() override {
    if (taken_.empty()) {
      return requests_.next();
    }
    follow_up_.fill(taken_, filled_);
    return filled_;
  }

  Answer answer(std::string_view bytes) override {
    const auto head = read_head(bytes);
    if (!head || bytes.size() < head->size + head->body_size) {
      return {};
    }
    Answer answer{.size = head->size + head->body_size,
                  .outcome = head->good ? Outcome::done : Outcome::failed};
    if (follows_ && head->good) {
      answer.outcome = turn(bytes.substr(head->size, head->body_size));
    }
    return answer;
  }

 private:
  // After the first request comes its follow-up, and after that the first again.
  Outcome turn(std::string_view body) {
    if (!taken_.empty()) {
      taken_.clear();
      return Outcome::done;
    }
    if (follow_up_.name() == "href") {
      collect(body, "\"href\":", 1, taken_);
    } else {
      collect(body, "\"id\":", follow_up_.name() == "id" ? 1 : SIZE_MAX, taken_);
    }
    return taken_.empty() ? Outcome::dry : Outcome::done;
  }

  Requests requests_;
  Template follow_up_;
  bool follows_;
  std::string taken_;  // what the follow-up that comes next is about
  std::string filled_;
};

}  // namespace

std::unique_ptr<Conversation> http_conversation(const Script& script, std::size_t first) {
  return std::make_unique<HttpConversation>(script, first);
}

}  // namespace marconi::load
