// How the sanitizers behave in every program of a sanitizer build, however that is started.
// Variables like TSAN_OPTIONS add to this.

#define MARCONI_SYMBOLIZER "external_symbolizer_path=/usr/bin/llvm-symbolizer-19"

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the names that the run
// times look for.
const char* __asan_default_options() {
  return "detect_stack_use_after_return=1:" MARCONI_SYMBOLIZER;
}

const char* __ubsan_default_options() { return "print_stacktrace=1:" MARCONI_SYMBOLIZER; }

const char* __tsan_default_options() { return "halt_on_error=1:" MARCONI_SYMBOLIZER; }

// RocksDB's library is not instrumented: the synchronisation in it cannot be seen, so what it does
// with its own memory, through memcpy, free and the like, looks like a race. No narrower name is
// possible, for RocksDB stands in every stack concerned. With it goes what RocksDB calls back,
// which therefore has to be plain to see: database_log (all under one mutex), log_guard (atomics),
// zeroed_log (atomics and mutexes; what belongs to a file's writer, under RocksDB's mutex of the
// log), page_cache_reads, PatientWork, the merge operator and the extractor of prefixes (no state
// that changes).
//
// MongoDB's libraries are not instrumented either. They are linked in, so it is the names of their
// functions that tell. They call back nothing of ours that other threads use.
const char* __tsan_default_suppressions() {
  return "race:librocksdb.so\n"
         "race:^bson_\nrace:^_bson_\nrace:^mongoc_\nrace:^_mongoc_\n";
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
}
