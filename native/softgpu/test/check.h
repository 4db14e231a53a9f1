// A test: TEST("promise") { … CHECK(condition, text) … }. main() runs all of a file's tests and names what failed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

struct Test {
    const char *name;
    void (*run)();
};
inline std::vector<Test> &tests() {
    static std::vector<Test> all;
    return all;
}
inline int &failures() {
    static int count = 0;
    return count;
}
struct Register {
    Register(const char *name, void (*run)()) { tests().push_back({name, run}); }
};

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEST(name)                                                                                                              \
    static void JOIN(test_, __LINE__)();                                                                                        \
    static Register JOIN(register_, __LINE__)(name, JOIN(test_, __LINE__));                                                     \
    static void JOIN(test_, __LINE__)()

inline void report(const char *file, int line, const std::string &text) {
    if (failures()++ < 40) std::printf("  %s:%d: %s\n", file, line, text.c_str());
}

#define CHECK(condition, ...)                                                                                                   \
    do {                                                                                                                        \
        if (!(condition)) {                                                                                                     \
            std::ostringstream text_;                                                                                           \
            text_ << #condition << "  " __VA_ARGS__;                                                                            \
            report(__FILE__, __LINE__, text_.str());                                                                            \
        }                                                                                                                       \
    } while (0)

inline int run_tests() {
    int failed = 0;
    for (const Test &test : tests()) {
        int before = failures();
        test.run();
        std::printf("%s %s\n", failures() == before ? "ok    " : "FAILED", test.name);
        failed += failures() != before;
    }
    std::printf("%zu tests, %d failed\n", tests().size(), failed);
    return failed ? 1 : 0;
}
