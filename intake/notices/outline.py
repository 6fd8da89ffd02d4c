"""Tokens put in order: which heading stands below which, and which text belongs to which heading or label."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from intake.notices.notice_grammar import (
    ATTRIBUTE_ROLES,
    WORK_ROLES,
    LabelRole,
    NoticeGrammar,
    NoticeSection,
    NumberForm,
)
from intake.notices.sentences import split_title
from intake.notices.tokens import Token, TokenKind

_LOOK_AHEAD = 12
"""Tokens in which a problem's label follows its heading, paragraphs between them included."""


@dataclass(slots=True, eq=False)
class OutlineNode:
    """A heading, an item of a list, or a label, with the paragraphs and the nodes below it."""

    line: int
    form: NumberForm | None = None
    number: int | None = None
    role: LabelRole | None = None
    word: str = ""
    group: bool = False
    mark: str = ""
    inline: bool = False
    title: str = ""
    paragraphs: list[Token] = field(default_factory=list)
    children: list["OutlineNode"] = field(default_factory=list)

    @property
    def is_item(self) -> bool:
        """Whether it stands in a list that never holds problems (一是…)."""
        return self.form is not None and self.form.item

    @property
    def labels(self) -> list["OutlineNode"]:
        """The labels right below it."""
        return [child for child in self.children if child.role]

    @property
    def heads(self) -> list["OutlineNode"]:
        """The headings and items right below it."""
        return [child for child in self.children if not child.role]

    @property
    def pieces(self) -> list[tuple[int, str]]:
        """Its own words line by line as they are written, with the number of each line."""
        return [(self.line, self.mark + self.title), *((one.line, one.text) for one in self.paragraphs)]

    @property
    def text(self) -> str:
        """Its own words, without its mark and without what stands below it."""
        return "\n".join(filter(None, (self.title, *(one.text for one in self.paragraphs))))

    @property
    def whole(self) -> str:
        """All its words and those below it, but for its own mark and for labels that say who and when below it."""
        below = (child for child in self.children if child.role not in ATTRIBUTE_ROLES)
        return self.text + "".join(f"{'' if one.inline else chr(10)}{one.mark}{one.whole}" for one in below)

    @property
    def lines(self) -> list[int]:
        """The numbers of the lines that it and everything below it stands on, in reading order."""
        return list(dict.fromkeys(line for one in self.walk() for line, text in one.pieces if text))

    @property
    def told(self) -> list[tuple[int, str]]:
        """What ``whole`` says line by line as it is written, with the number of each line."""
        below = (child for child in self.children if child.role not in ATTRIBUTE_ROLES)
        return [*self.pieces, *(piece for child in below for piece in child.told)]

    def walk(self) -> Iterator["OutlineNode"]:
        """The node and everything below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class NoticeOutline:
    """A whole notice: the text, and aside from it the lines of the page, what follows the text, and what follows a
    table without being a heading, an item or a label."""

    root: OutlineNode
    page: tuple[Token, ...]
    closing: OutlineNode
    below_tables: tuple[Token, ...] = ()


class OutlineBuilder:
    """Puts tokens in order: the stack of what is open, from the root to the innermost node."""

    def __init__(self, tokens: Sequence[Token], grammar: NoticeGrammar) -> None:
        self._tokens, self._grammar = tokens, grammar
        self._ranks = {form.name: rank for rank, form in enumerate(grammar.forms)}
        self._root, self._closing = OutlineNode(0), OutlineNode(0)
        self._page: list[Token] = []
        self._below_tables: list[Token] = []
        self._is_below = False
        self._stack = [self._root]

    def outline(self) -> NoticeOutline:
        """The tree, every token in it exactly once; one without text stands where a table stood."""
        for place, token in enumerate(self._tokens):
            if token.kind is TokenKind.PAGE and not self._awaits_text():
                self._page.append(token)
            elif token.kind is TokenKind.CLOSING:
                self._stack = [self._root, self._closing]
                self._closing.paragraphs.append(token)
            elif token.kind is TokenKind.MARK:
                self._is_below = False
                self._open(place, token)
            elif not token.text or self._is_below:
                self._is_below = True
                self._below_tables += [token] if token.text else []
            else:
                # Who and when is said on one line, unless it breaks off in a list.
                while not token.inline and self._stack[-1].role in ATTRIBUTE_ROLES:
                    said = self._stack[-1].text
                    if not said or said.endswith(("、", "，", ",")):
                        break
                    self._stack.pop()
                self._stack[-1].paragraphs.append(token)
        return NoticeOutline(self._root, tuple(self._page), self._closing, tuple(self._below_tables))

    def _awaits_text(self) -> bool:
        """Whether a label stands open without any text: the date on the next line is its text."""
        top = self._stack[-1]
        return top.role in ATTRIBUTE_ROLES and not top.title and not top.paragraphs

    def _open(self, place: int, token: Token) -> None:
        if self._stack[-1] is self._closing:
            self._stack = [self._root]
        self._close_while(lambda node: node.role in ATTRIBUTE_ROLES and not node.form)
        if token.form:
            self._close_for(place, token, token.form)
        elif not (token.inline and token.role in ATTRIBUTE_ROLES):
            self._close_for_label(place, token)
        node = OutlineNode(
            line=token.line,
            form=token.form,
            number=token.number,
            role=token.role,
            word=token.word,
            group=token.group,
            mark=token.mark,
            inline=token.inline,
            title=token.text,
        )
        self._stack[-1].children.append(node)
        self._stack.append(node)

    def _close_for(self, place: int, token: Token, form: NumberForm) -> None:
        """Close what a mark ends: its elder sibling, or everything when a heading of the outermost form begins."""
        may_own = not form.item or self._grammar.may_name_problem(split_title(token.text)[0])
        # Where a label for goals is open that says nothing on its line, what follows is its list, and no problem.
        awaits_goal = any(node.role is LabelRole.GOAL and not node.title for node in self._stack)
        owns = may_own and not awaits_goal and self._owns_label(place)
        if owns:
            self._close_labels()
        depth = self._sibling(form, token, owns)
        if depth is not None:
            del self._stack[depth:]
        elif form.section:
            del self._stack[1:]
        elif not self._label_depth():
            # What is open of an inner form ends with a mark of an outer one, unless that is the first it may hold.
            inner = {name for name, rank in self._ranks.items() if rank > self._ranks[form.name]}
            self._close_while(
                lambda node: (
                    node.form is not None and node.form.name in inner and not (node.form.holds and token.number == 1)
                )
            )

    def _sibling(self, form: NumberForm, token: Token, owns: bool) -> int | None:
        """Where in the stack the elder sibling stands; a list that begins anew inside a label has none outside it, and
        a line that counts on outside of it (…；3.按季报送。 / 2.窗口服务不规范。) none inside."""
        elders = [depth for depth in range(len(self._stack) - 1, 0, -1) if self._stack[depth].form == form]
        fence = 0 if owns or form.section else self._label_depth()
        for depth in elders:
            elder = self._stack[depth]
            follows = token.number is None or (token.number > 1 and (elder.number or 0) < token.number)
            outside = elder.inline and not token.inline and token.number != 1 and not follows
            if follows or (depth > fence and not outside):
                return depth
        return None

    def _owns_label(self, place: int) -> bool:
        """Whether the next thing is the label that problems here begin with: then this is a problem, no measure."""
        after = self._tokens[place + 1 : place + _LOOK_AHEAD]
        # What stands below a table owns the labels there.
        after = list(takewhile(lambda one: one.text or one.kind is not TokenKind.TEXT, after))
        ends = (
            at for at, one in enumerate(after) if one.kind is not TokenKind.TEXT and one.role not in ATTRIBUTE_ROLES
        )
        at = next(ends, None)
        if at is None or after[at].role not in WORK_ROLES or after[at].form:
            return False
        if self._is_interrupted(self._tokens[place], after[:at]):
            return False
        label = after[at]
        depth = self._label_depth()
        return not depth or self._stack[depth].word == label.word or self._opening(depth) == label.word

    def _is_interrupted(self, token: Token, between: Sequence[Token]) -> bool:
        """Whether a paragraph before the label names the problem, and the mark itself does not."""
        titles = [split_title(one.text)[0] for one in (token, *between)]
        return any(map(self._grammar.may_name_problem, titles[1:])) and not self._grammar.may_name_problem(titles[0])

    def _opening(self, depth: int) -> str:
        """The first label of work of the problem whose label stands at ``depth``."""
        return next(one.word for one in self._stack[depth - 1].labels if one.role in WORK_ROLES)

    def _close_for_label(self, place: int, token: Token) -> None:
        self._close_labels(problems=token.role is LabelRole.PROBLEM)
        self._close_list_of_problems()
        self._close_while(lambda node: node.is_item and not self._is_problem(node))
        parent = self._stack[-1]
        if token.role in WORK_ROLES and self._is_unnumbered(place, parent, token.word):
            self._open_unnumbered(place)
        elif parent.role is LabelRole.PROBLEM:
            self._stack.pop()  # what the label of a problem says is said; the next label stands beside it

    def _is_problem(self, item: OutlineNode) -> bool:
        """Whether an item owns the label that follows: it names a problem, and is not the last of several without."""
        elders = [one for one in self._stack[self._stack.index(item) - 1].heads if one is not item]
        title = split_title(item.title)[0]
        alone = all(one.labels for one in elders)
        return self._grammar.names_problem(title) or (alone and self._grammar.may_name_problem(title))

    def _close_list_of_problems(self) -> None:
        """Close a list of several problems under one label, when none but the last could own the label that follows."""
        depth = next((at for at, node in enumerate(self._stack) if node.role is LabelRole.PROBLEM), None)
        heads = self._stack[depth].heads if depth else []
        if depth and len(heads) > 1 and not any(head.labels for head in heads):
            del self._stack[depth + 1 :]

    def _is_unnumbered(self, place: int, parent: OutlineNode, word: str) -> bool:
        """Whether the paragraph before a label is a problem that has no number."""
        before = self._tokens[place - 1] if place else None
        if before is None or not before.text or before.kind is not TokenKind.TEXT or before.inline:
            return False
        if before in self._below_tables:
            return True
        is_section = parent in self._root.children and self._grammar.section(parent.title) is NoticeSection.FINDINGS
        return parent is self._root or is_section or any(child.word == word for child in parent.labels)

    def _open_unnumbered(self, place: int) -> None:
        before = self._tokens[place - 1]
        if before in self._below_tables:
            self._below_tables.remove(before)
            self._stack = [self._root]
        else:
            # Behind the signature a problem stands in an annex: its paragraph was taken for part of the closing.
            nodes = (*self._root.walk(), *self._closing.walk())
            owner = next(node for node in nodes if any(one is before for one in node.paragraphs))
            owner.paragraphs.remove(before)
        node = OutlineNode(before.line, title=before.text)
        while len(self._stack) > 1 and self._stack[-1].form is None:
            self._stack.pop()
        if len(self._stack) > 1 and self._stack[-1].labels:
            self._stack.pop()
        self._stack[-1].children.append(node)
        self._stack.append(node)

    def _label_depth(self) -> int:
        """Where in the stack the outermost open label of work stands; 0 where none is open."""
        return next((depth for depth, node in enumerate(self._stack) if node.role in WORK_ROLES), 0)

    def _close_labels(self, problems: bool = False) -> None:
        """Close the outermost open label with everything in it; that of a problem stays open unless ``problems``."""
        left = () if problems else (LabelRole.PROBLEM,)
        roles = (depth for depth, node in enumerate(self._stack) if node.role and node.role not in left)
        del self._stack[next(roles, len(self._stack)) :]

    def _close_while(self, is_closed: Callable[[OutlineNode], bool]) -> None:
        while len(self._stack) > 1 and is_closed(self._stack[-1]):
            self._stack.pop()
