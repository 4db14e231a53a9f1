// Bourdoncle's algorithm: strongly connected components found recursively, each component's head before its body.
#include "order.h"

#include <algorithm>

namespace softgpu {
namespace {

class Ordering {
public:
    explicit Ordering(const std::vector<std::vector<uint32_t>> &successors)
        : successors_(successors), number_(successors.size(), 0) {}

    std::vector<uint32_t> run() {
        visit(0, order_);
        std::reverse(order_.begin(), order_.end());
        return order_;
    }

private:
    static constexpr uint32_t finished = 0xffffffffu;

    // Appends in reverse order. Answers the lowest number reachable on the stack.
    uint32_t visit(uint32_t node, std::vector<uint32_t> &reversed) {
        stack_.push_back(node);
        uint32_t head = number_[node] = ++count_;
        bool loop = false;
        for (uint32_t next : successors_[node]) {
            uint32_t low = number_[next] == 0 ? visit(next, reversed) : number_[next];
            if (low <= head) {
                head = low;
                loop = true;
            }
        }
        if (head != number_[node]) return head;
        number_[node] = finished;
        uint32_t element = stack_.back();
        stack_.pop_back();
        if (!loop) {
            reversed.push_back(node);
            return head;
        }
        while (element != node) {
            number_[element] = 0; // its order inside the component is found again without the head
            element = stack_.back();
            stack_.pop_back();
        }
        std::vector<uint32_t> body;
        for (uint32_t next : successors_[node])
            if (number_[next] == 0) visit(next, body);
        reversed.insert(reversed.end(), body.begin(), body.end());
        reversed.push_back(node);
        return head;
    }

    const std::vector<std::vector<uint32_t>> &successors_;
    std::vector<uint32_t> number_;
    std::vector<uint32_t> stack_;
    std::vector<uint32_t> order_;
    uint32_t count_ = 0;
};

} // namespace

std::vector<uint32_t> weak_topological_order(const std::vector<std::vector<uint32_t>> &successors) {
    return successors.empty() ? std::vector<uint32_t>{} : Ordering(successors).run();
}

} // namespace softgpu
