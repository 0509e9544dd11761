// What the sources that know the database's library share. Included by no other headers of ours
// than theirs.
#pragma once

#include <mongoc/mongoc.h>

#include <memory>

#include "storage/mongodb/client.h"

namespace marconi::storage::mongodb {

/// Destroys what the library made.
template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* thing) const {
    Destroy(thing);
  }
};
template <class T, auto Destroy>
using Owned = std::unique_ptr<T, Destroyer<Destroy>>;

using ReadPrefs = Owned<mongoc_read_prefs_t, mongoc_read_prefs_destroy>;
using ModifyOptions = Owned<mongoc_find_and_modify_opts_t, mongoc_find_and_modify_opts_destroy>;

/// The library's view of a document of ours.
class Borrowed {
 public:
  explicit Borrowed(const Document& document) {
    bson_init_static(&bson_, reinterpret_cast<const std::uint8_t*>(document.bytes().data()),
                     document.bytes().size());
  }
  const bson_t* operator&() const { return &bson_; }  // NOLINT(google-runtime-operator)

 private:
  bson_t bson_;
};

/// A document that the library fills in or adds to.
class Reply {
 public:
  Reply() { bson_init(&bson_); }
  explicit Reply(const Document& document) { bson_copy_to(&Borrowed(document), &bson_); }
  ~Reply() { bson_destroy(&bson_); }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  /// For functions that initialise it themselves.
  bson_t* to_fill() {
    bson_destroy(&bson_);
    return &bson_;
  }
  [[nodiscard]] bson_t* get() { return &bson_; }
  [[nodiscard]] BsonView view() const { return view_of(bson_); }

  static BsonView view_of(const bson_t& bson) {
    return BsonView({reinterpret_cast<const char*>(bson_get_data(&bson)), bson.len});
  }

 private:
  bson_t bson_;
};

[[nodiscard]] base::Error error_of(const bson_error_t& error);

}  // namespace marconi::storage::mongodb
