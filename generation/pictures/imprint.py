"""How the making of a picture is written into its file, in the places where other programs look for it."""

import json
import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from generation.params import OutputFormat
from generation.pictures.making import Making

SOFTWARE = "stable-diffusion-service"
NAMESPACE = "urn:stable-diffusion-service:making:1.0"
# What the International Press Telecommunications Council calls pictures that a model has drawn.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:sd="{namespace}"
    Iptc4xmpExt:DigitalSourceType="{source_type}"
    xmp:CreatorTool="{software}"
    xmp:CreateDate="{made_at}"
    dc:identifier="{generation}"
    sd:making={making}>{description}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
DESCRIPTION = """
   <dc:description>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">{}</rdf:li>
    </rdf:Alt>
   </dc:description>"""


def imprint(making: Making, output_format: OutputFormat) -> dict[str, Any]:
    """What Pillow is told when it saves the file."""
    if output_format is OutputFormat.PNG:
        return {"pnginfo": _chunks(making)}
    return {"xmp": packet(making), "exif": _exif(making)}


def packet(making: Making) -> bytes:
    """An XMP packet, of at most 60 kB: a JPEG has room for 65. What XML cannot hold is kept in `sd:making` alone."""
    told = DESCRIPTION.format(_text(making.prompt)) if making.tells_prompts else ""
    return PACKET.format(
        namespace=NAMESPACE,
        source_type=SOURCE_TYPE,
        software=SOFTWARE,
        made_at=making.made_at.isoformat(timespec="seconds"),
        generation=making.generation,
        # Only ASCII, so that nothing is lost.
        making=quoteattr(json.dumps(making.facts(), separators=(",", ":"))),
        description=told,
    ).encode()


def _text(text: str) -> str:
    return escape(NO_XML.sub("", text), {"\r": "&#13;"})


def _chunks(making: Making) -> PngInfo:
    chunks = PngInfo()
    chunks.add_itxt("XML:com.adobe.xmp", packet(making))
    chunks.add_text("parameters", making.in_words())
    chunks.add_text("Software", SOFTWARE)
    if making.tells_prompts:
        chunks.add_text("Description", making.prompt)
    return chunks


def _exif(making: Making) -> Image.Exif:
    """Big-endian, and so is the comment: some programs take it for that whatever the file says."""
    exif = Image.Exif()
    exif.endian = ">"
    exif[ExifTags.Base.Software] = SOFTWARE
    if making.tells_prompts:
        exif[ExifTags.Base.ImageDescription] = making.prompt.encode()
    comment = b"UNICODE\0" + making.in_words().encode("utf-16-be")
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return exif
