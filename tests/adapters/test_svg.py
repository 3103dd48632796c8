"""Which SVG files are kept: real ones, and none that could run or fetch anything."""

import codecs
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from zipfile import ZipFile

import pytest

from adapters.files.svg import check_svg
from ports.files import FileRefused

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
PNG = "data:image/png;base64,iVBORw0KGgo="


def svg(inside: str = "", attributes: str = "") -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {XLINK} {attributes}>{inside}</svg>'


def style(text: str) -> str:
    return svg(f"<style>{text}</style>")


HOSTILE = {
    # no SVG
    "nothing": "",
    "text": "svg",
    "not closed": "<svg xmlns='http://www.w3.org/2000/svg'>",
    "two roots": svg() + svg(),
    "no namespace": "<svg/>",
    "another namespace": "<svg xmlns='http://www.w3.org/1999/xhtml'/>",
    "a namespace with a space": "<svg xmlns='http://www.w3.org/2000/svg svg'/>",
    "another root": f"<g xmlns='http://www.w3.org/2000/svg'>{svg()}</g>",
    "an undeclared prefix": svg("<x:g/>"),
    "an undeclared entity": svg("&nbsp;"),
    # elements
    "script": svg("<script>alert(1)</script>"),
    "script in capitals": svg("<SCRIPT/>"),
    "script by prefix": svg("<s:script xmlns:s='http://www.w3.org/2000/svg'/>"),
    "script of no namespace": svg("<script xmlns=''/>"),
    "script of HTML": svg("<h:script xmlns:h='http://www.w3.org/1999/xhtml'/>"),
    "HTML": svg("<p xmlns='http://www.w3.org/1999/xhtml'/>"),
    "HTML by an entity in its namespace": svg("<p xmlns='http://www.w3.org/1999/&#120;html'/>"),
    "MathML": svg("<math xmlns='http://www.w3.org/1998/Math/MathML'/>"),
    "foreignObject": svg("<foreignObject/>"),
    "iframe": svg("<iframe/>"),
    "embed": svg("<embed/>"),
    "handler": svg("<handler/>"),
    "XML event listener": svg("<e:listener xmlns:e='http://www.w3.org/2001/xml-events'/>"),
    # event handlers
    "onload": svg(attributes="onload='alert(1)'"),
    "onload in capitals": svg(attributes="ONLOAD='alert(1)'"),
    "an event handler deep inside": svg("<g><g><path onclick=''/></g></g>"),
    "an event handler by prefix": svg("<g xlink:onclick=''/>"),
    # references
    "link": svg("<a href='https://example.com/'/>"),
    "xlink": svg("<use xlink:href='icons.svg#a'/>"),
    "href in capitals": svg("<a HREF='//example.com/'/>"),
    "an empty href": svg("<a href=''/>"),
    "javascript": svg("<a href='javascript:alert(1)'/>"),
    "javascript with white space": svg("<a href=' java&#9;scr&#10;ipt:alert(1)'/>"),
    "javascript elsewhere": svg("<g fill='JAVA&#13;SCRIPT:alert(1)'/>"),
    "javascript with invisible characters": svg("<g fill='java&#x200b;script&#173;:alert(1)'/>"),
    "vbscript": svg("<g to='vbscript:x'/>"),
    "data to go to": svg(f"<a href='{PNG}'/>"),
    "data to use": svg("<use href='data:image/svg+xml;base64,AAAA'/>"),
    "an SVG as an image": svg("<image href='data:image/svg+xml;base64,AAAA'/>"),
    "HTML as an image": svg("<image href='data:text/html;base64,AAAA'/>"),
    "an image with parameters": svg("<image href='data:image/png;x=y;base64,AAAA'/>"),
    "an image and more": svg(f"<image href='{PNG}#\"x'/>"),
    "an image outside": svg("<image xlink:href='http://example.com/a.png'/>"),
    "an image of no namespace": svg(f"<image xmlns='' href='{PNG}'/>"),
    "a filter's image": svg("<filter><feImage href='/a.png'/></filter>"),
    "a file": svg("<image href='file:///etc/passwd'/>"),
    "src": svg("<video src='a.mp4'/>"),
    "an inclusion": svg("<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>"),
    "a base": svg("<g xml:base='https://example.com/'/>"),
    # references that are read as style
    "a paint outside": svg("<g fill='url(https://example.com/a.svg#b)'/>"),
    "a paint outside in quotes": svg("<g fill='url( &quot;//example.com/&quot; )'/>"),
    "a paint in capitals": svg("<g fill='URL(a.svg)'/>"),
    "a second paint": svg("<g mask='url(#a) url(b)'/>"),
    "a paint after a no-break space": svg("<g fill='url(&#160;#a)'/>"),
    "an escaped paint": svg(r"<g fill='u\72l(//example.com)'/>"),
    "a cursor": svg("<g cursor='image-set(\"//example.com\" 1x)'/>"),
    # animation
    "an animated href": svg("<a><animate attributeName='href' to='#a'/></a>"),
    "an animated xlink": svg("<a><set attributeName=' xlink:href ' to='#a'/></a>"),
    "an animated prefix": svg("<a xmlns:y='http://www.w3.org/1999/xlink'><set attributeName='y:href' to='#a'/></a>"),
    "an animated event handler": svg("<set attributeName='onclick' to='a'/>"),
    "an animated style": svg("<animate attributeName='style' values='a'/>"),
    "an animation to a script": svg("<animate attributeName='x' values='#;javascript:alert(1)'/>"),
    # style
    "an import": style("@import 'a.css';"),
    "an import in capitals": style("@IMPORT 'a.css';"),
    "an import in CDATA": style("<![CDATA[@im]]><![CDATA[port 'a.css']]>"),
    "an import around a comment": style("@im<!-- -->port 'a.css'"),
    "an import around an element": style("@im<g/>port 'a.css'"),
    "an import around an instruction": style("@im<?xpacket ?>port 'a.css'"),
    "an import by character references": style("&#64;&#x69;mport 'a.css'"),
    "an import between strings like comments": style("a{b:'/*'} @import 'a.css'; c{d:'*/'}"),
    "an import around a comment of CSS": style("@im/**/port 'a.css'"),
    "an escaped import": style(r"@\69mport 'a.css'"),
    "a background outside": style("a{fill:url('http://example.com')}"),
    "a font": style("@font-face{src:url(data:font/woff2;base64,AAAA)}"),
    "an image set": style("a{background:-webkit-image-set('a.png' 1x)}"),
    "an expression": style("a{width:expression (alert(1))}"),
    "a binding": style("a{-moz-binding:none}"),
    "a behavior": style("a{behavior:none}"),
    "javascript in a style": style("a{b:'javascript:x'}"),
    "a style element of no namespace": svg("<style xmlns=''>@import 'a'</style>"),
    "a style attribute with a reference": svg("<g style='fill:url(a.svg)'/>"),
    "a style attribute with an escape": svg(r"<g style='fill:u\rl(a.svg)'/>"),
    "a style attribute with a comment": svg("<g style='fill:u/**/rl(a.svg)'/>"),
    # what stands before the root
    "a style sheet": f"<?xml-stylesheet href='a.css'?>{svg()}",
    "a transformation of itself": f"<?xml-stylesheet type='text/xsl' href='#a'?>{svg()}",
    "another instruction": svg("<?php echo 1 ?>"),
    "an entity": f"<!DOCTYPE svg [<!ENTITY a 'b'>]>{svg('&a;')}",
    "an outside entity": f"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>{svg('&a;')}",
    "a parameter entity": f"<!DOCTYPE svg [<!ENTITY % a SYSTEM 'http://example.com/'> %a;]>{svg()}",
    "an attribute by default": f"<!DOCTYPE svg [<!ATTLIST svg onload CDATA 'alert(1)'>]>{svg()}",
    "an outside DOCTYPE": f"<!DOCTYPE svg SYSTEM 'http://example.com/svg.dtd'>{svg()}",
    "a DOCTYPE of a similar host": f"<!DOCTYPE svg SYSTEM 'http://www.w3.org.example.com/'>{svg()}",
    "a DOCTYPE that browsers know entities of": (
        "<!DOCTYPE svg PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd'>"
        + svg("<g fill='url&lpar;//example.com)'/>")
    ),
    "another encoding": f"<?xml version='1.0' encoding='utf-7'?>{svg()}",
    "an unknown encoding": f"<?xml version='1.0' encoding='x-user-defined'?>{svg()}",
    "an encoding of no characters": f"<?xml version='1.0' encoding='rot13'?>{svg()}",
    # size
    "too deep": svg("<g>" * 300 + "</g>" * 300),
    "too many attributes": svg("<g " + " ".join(f"a{n}=''" for n in range(300)) + "/>"),
    "a long namespace": svg(f"<g xmlns='{'u' * 1000}'/>"),
    "a long attribute": svg(f"<path d='{'0' * 3_000_000}'/>"),
}

MALFORMED = {
    "nothing",
    "text",
    "not closed",
    "two roots",
    "a namespace with a space",
    "an undeclared prefix",
    "an undeclared entity",
}

SAFE = {
    "nothing in it": svg(),
    "a prefix": "<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:g/></s:svg>",
    "a declaration": f"<?xml version='1.0' encoding='UTF-8' standalone='no'?>\n<!-- made by hand -->\n{svg()}",
    "an empty DOCTYPE": f"<!DOCTYPE svg>{svg()}",
    "the DOCTYPE of SVG": (
        "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd'>" + svg()
    ),
    "fragments": svg("<use href='#a'/><use xlink:href='#b'/><g fill='url(#c)' mask='url( \"#d\" )'/>"),
    "an image inside": svg(f"<image href='{PNG}'/><filter><feImage xlink:href='{PNG}'/></filter>"),
    "an image in lines": svg("<image href='data:image/jpeg;base64,AAAA\nBBBB\n'/>"),
    "a style": style("/* url and import */ .a{fill:url(#a)} @media (width: 1px) {.b{fill:red}}"),
    "a style in CDATA": style("<![CDATA[.a > .b{fill:#fff}]]>"),
    "a style attribute": svg("<g style='fill:url(#a);font-family:\"A B\"'/>"),
    "an animation": svg("<animate attributeName='opacity' values='0;1' dur='1s'/>"),
    "words": svg("<title>javascript: url(http://example.com) onload=</title>", "aria-label='one (two)'"),
    "Inkscape": svg(
        "<metadata><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><c:Work xmlns:c='http://web.resource.org/cc/'"
        " r:about=''><c:license r:resource='http://creativecommons.org/licenses/by/4.0/'/></c:Work></r:RDF></metadata>"
        "<s:namedview xmlns:s='http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd' s:docname='C:\\icons (2)\\a.svg'/>"
    ),
    "Illustrator": svg(
        "<metadata><?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/' x:action='saved'/>"
        "<?xpacket end='w'?></metadata><switch><g/></switch>"
    ),
}


def icons() -> Iterator[bytes]:
    found = importlib.util.find_spec("heroicons")
    assert found
    assert found.origin
    with ZipFile(Path(found.origin).with_name("heroicons.zip")) as archive:
        yield from map(archive.read, archive.namelist())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_svg_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(FileRefused) as refused:
        check_svg(HOSTILE[name].encode())
    reason = refused.value.document()["reason"]
    assert ("well-formed" in reason) == (name in MALFORMED)
    assert reason.startswith("The SVG ")
    assert reason.endswith(".")
    assert "example.com" not in reason


@pytest.mark.parametrize("text", SAFE.values(), ids=SAFE)
def test_a_safe_svg_is_kept(text: str) -> None:
    check_svg(text.encode())


def test_every_real_icon_is_kept() -> None:
    kept = 0
    for icon in icons():
        check_svg(icon)
        kept += 1
    assert kept == 1288


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_an_encoding_hides_nothing(encoding: str) -> None:
    declared = {"latin-1": "iso-8859-1", "utf-8-sig": "utf-8"}.get(encoding, "utf-16")
    declaration = f"<?xml version='1.0' encoding='{declared}'?>"
    check_svg((declaration + svg("<title>\xe9</title>")).encode(encoding))
    with pytest.raises(FileRefused):
        check_svg((declaration + svg("<script/>")).encode(encoding))


def test_bytes_that_are_not_of_the_encoding_are_refused() -> None:
    with pytest.raises(FileRefused, match="not safe"):
        check_svg(svg("<title>\xe9</title>").encode("latin-1"))
    with pytest.raises(FileRefused):
        check_svg(codecs.BOM_UTF16_LE + svg().encode())


def test_a_billion_laughs_are_refused_at_once() -> None:
    entities = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    with pytest.raises(FileRefused, match="not safe"):
        check_svg(f"<!DOCTYPE svg [<!ENTITY a0 'ha'>{entities}]>{svg('&a9;')}".encode())


@pytest.mark.parametrize(
    "text",
    [
        svg("<g/>" * 250_000),
        svg(f"<g fill='{('url' + ' ' * 1000) * 1000}'/>"),
        svg(f"<g fill='{'/*' * 500_000}'/>"),
        style("/**" * 300_000),
        svg("<!--" + "x" * 1_000_000 + "-->"),
    ],
    ids=["elements", "white space", "comments", "style", "a comment"],
)
def test_a_large_svg_costs_no_more_than_its_length(text: str) -> None:
    began = process_time()
    check_svg(text.encode())
    assert process_time() - began < 2
