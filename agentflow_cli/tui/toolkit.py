"""What the monitor takes from Textual: the one file that imports it, and so the list of what an upgrade can break."""

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Click, Resize
from textual.filter import LineFilter, NoColor
from textual.geometry import Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

__all__ = [
    "App",
    "Binding",
    "BindingType",
    "Click",
    "ComposeResult",
    "Content",
    "Horizontal",
    "Input",
    "LineFilter",
    "Message",
    "MessagePump",
    "ModalScreen",
    "NoColor",
    "Option",
    "OptionList",
    "Resize",
    "Screen",
    "ScrollView",
    "Size",
    "Static",
    "Strip",
    "Vertical",
    "VerticalScroll",
    "Visual",
    "Widget",
]
