package io.cachingproxy.rules;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Match} as a tree of conditions. If it mixes conditions on request and response, it is expanded to a
 * disjunction, because the request is matched before the response is known.
 */
sealed interface Expression {
    /** Maximum number of alternatives of one match. */
    int MAX_ALTERNATIVES = 32;

    /**
     * The alternatives of this expression.
     *
     * @throws IllegalArgumentException if there are more than {@value #MAX_ALTERNATIVES}; the message is one sentence
     */
    List<Alternative> alternatives();

    /** The negation. */
    Expression negated();

    /** A condition on the request only, possibly a combination of several. */
    record OfRequest(RequestTest test) implements Expression {
        @Override
        public List<Alternative> alternatives() {
            return List.of(new Alternative(test, ResponseTest.ALWAYS));
        }

        @Override
        public Expression negated() {
            return new OfRequest(test.negated());
        }
    }

    /** A condition on the response only, possibly a combination of several. */
    record OfResponse(ResponseTest test) implements Expression {
        @Override
        public List<Alternative> alternatives() {
            return List.of(new Alternative(RequestTest.ALWAYS, test));
        }

        @Override
        public Expression negated() {
            return new OfResponse(test.negated());
        }
    }

    /** Holds if all parts hold; contains at most one request condition and one response condition. */
    record All(List<Expression> parts) implements Expression {
        @Override
        public List<Alternative> alternatives() {
            List<Alternative> product = List.of(Alternative.ALWAYS);
            for (Expression part : parts) {
                List<Alternative> factors = part.alternatives();
                check(product.size() * factors.size());
                List<Alternative> longer = new ArrayList<>();
                for (Alternative one : product) {
                    factors.forEach(other -> longer.add(one.and(other)));
                }
                product = longer;
            }
            return List.copyOf(product);
        }

        @Override
        public Expression negated() {
            return anyOf(parts.stream().map(Expression::negated).toList()); // De Morgan
        }
    }

    /** Holds if any part holds; contains at most one request condition and one response condition. */
    record AnyOf(List<Expression> parts) implements Expression {
        @Override
        public List<Alternative> alternatives() {
            List<Alternative> sum = new ArrayList<>();
            for (Expression part : parts) {
                sum.addAll(part.alternatives());
                check(sum.size());
            }
            return List.copyOf(sum);
        }

        @Override
        public Expression negated() {
            return allOf(parts.stream().map(Expression::negated).toList()); // De Morgan
        }
    }

    /** The conjunction of these parts. */
    static Expression allOf(List<Expression> parts) {
        List<RequestTest> ofRequest = new ArrayList<>();
        List<ResponseTest> ofResponse = new ArrayList<>();
        List<Expression> mixed = new ArrayList<>();
        split(parts, ofRequest, ofResponse, mixed);
        if (!ofRequest.isEmpty()) {
            mixed.add(0, new OfRequest(RequestTest.all(ofRequest)));
        }
        if (!ofResponse.isEmpty()) {
            mixed.add(new OfResponse(ofResponse.stream().reduce(ResponseTest.ALWAYS, ResponseTest::and)));
        }
        return mixed.size() == 1 ? mixed.get(0) : new All(List.copyOf(mixed));
    }

    /** The disjunction of these parts. */
    static Expression anyOf(List<Expression> parts) {
        List<RequestTest> ofRequest = new ArrayList<>();
        List<ResponseTest> ofResponse = new ArrayList<>();
        List<Expression> mixed = new ArrayList<>();
        split(parts, ofRequest, ofResponse, mixed);
        if (!ofRequest.isEmpty()) {
            mixed.add(0, new OfRequest(RequestTest.any(ofRequest)));
        }
        if (!ofResponse.isEmpty()) {
            mixed.add(new OfResponse(ResponseTest.any(ofResponse)));
        }
        return mixed.size() == 1 ? mixed.get(0) : new AnyOf(List.copyOf(mixed));
    }

    private static void split(
            List<Expression> parts,
            List<RequestTest> ofRequest,
            List<ResponseTest> ofResponse,
            List<Expression> mixed) {
        for (Expression part : parts) {
            if (part instanceof OfRequest pure) {
                ofRequest.add(pure.test());
            } else if (part instanceof OfResponse pure) {
                ofResponse.add(pure.test());
            } else {
                mixed.add(part);
            }
        }
    }

    private static void check(int alternatives) {
        if (alternatives > MAX_ALTERNATIVES) {
            throw new IllegalArgumentException("the match mixes conditions on request and response in more than "
                    + MAX_ALTERNATIVES + " ways: write several rules");
        }
    }
}
