//! Pages: server-rendered, every act a plain form. No rules here.
