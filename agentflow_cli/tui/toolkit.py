"""What the monitor takes from Textual: the one file that imports it, and so the list of what an upgrade can break."""

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Click, Key, Resize
from textual.filter import LineFilter, NoColor
from textual.geometry import Region, Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget
from textual.widgets import Checkbox, Input, OptionList, Select, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

__all__ = [
    "App",
    "Binding",
    "BindingType",
    "Checkbox",
    "Click",
    "ComposeResult",
    "Content",
    "Horizontal",
    "Input",
    "Key",
    "LineFilter",
    "Message",
    "MessagePump",
    "ModalScreen",
    "NoColor",
    "Option",
    "OptionList",
    "Pilot",
    "Region",
    "Resize",
    "Screen",
    "ScrollView",
    "Select",
    "Size",
    "Static",
    "Strip",
    "Vertical",
    "VerticalScroll",
    "Visual",
    "Widget",
    "get_current_worker",
]
