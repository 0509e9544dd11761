// Logging as every room sees it: a Logger with the room's name, lines made of a fixed message and
// key=value fields. No logging library is visible here.
//
// What may be logged: ids, sizes, counts, durations, names. Never a message body, never a secret.
// Level by who has to act: error - somebody, now; warning - somebody, soon; info - nobody, the
// life of the server; debug - for the developer.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace marconi::observability {

enum class Level { debug, info, warning, error };

/// One key=value pair of a line. Views live for the call.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
  Field(std::string_view field_key, const char* text)
      : key(field_key), value(std::string_view(text)) {}
  Field(std::string_view field_key, const std::string& text)
      : key(field_key), value(std::string_view(text)) {}
  Field(std::string_view field_key, bool flag) : key(field_key), value(flag) {}
  Field(std::string_view field_key, double number) : key(field_key), value(number) {}
  template <std::signed_integral T>
  Field(std::string_view field_key, T number) : key(field_key), value(std::int64_t{number}) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Field(std::string_view field_key, T number) : key(field_key), value(std::uint64_t{number}) {}

  std::string_view key;  ///< lower-case letters, digits and underscores
  Value value;
};

/// One line on its way to a sink. Views live for the call.
struct Record {
  Level level = Level::info;
  std::string_view room;
  std::string_view message;
  std::string_view request_id;  ///< empty: none
  std::span<const Field> fields;
};

/// Where lines go. Thread-safe.
class LogSink {
 public:
  virtual ~LogSink() = default;

  /// Whether lines of this level are wanted; cheap.
  [[nodiscard]] virtual bool enabled(Level level) const = 0;

  /// Takes one line of an enabled level. A failure to write never reaches the caller.
  virtual void write(const Record& record) noexcept = 0;
};

/// What a room logs with: a cheap value. The sink and both names must outlive it.
class Logger {
 public:
  Logger(LogSink& sink, std::string_view room) : sink_(&sink), room_(room) {}

  /// The same logger, with this request's id in every line.
  [[nodiscard]] Logger for_request(std::string_view request_id) const {
    Logger logger = *this;
    logger.request_id_ = request_id;
    return logger;
  }

  using Fields = std::initializer_list<Field>;

  /// `message` is a fixed text: what varies belongs into fields, so that repetition is noticed.
  void debug(std::string_view message, Fields fields = {}) const {
    log(Level::debug, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) const {
    log(Level::info, message, fields);
  }
  void warning(std::string_view message, Fields fields = {}) const {
    log(Level::warning, message, fields);
  }
  void error(std::string_view message, Fields fields = {}) const {
    log(Level::error, message, fields);
  }

  [[nodiscard]] bool enabled(Level level) const { return sink_->enabled(level); }

 private:
  void log(Level level, std::string_view message, Fields fields) const {
    if (!sink_->enabled(level)) return;
    sink_->write({level, room_, message, request_id_, {fields.begin(), fields.size()}});
  }

  LogSink* sink_;
  std::string_view room_;
  std::string_view request_id_;
};

}  // namespace marconi::observability
